// What Streamlit's own widgets say in English, said in Vietnamese: no setting changes it. Texts of people are left alone.
(function () {
  var words = {
    "Choose an option": "Chọn", "Choose options": "Chọn", "No results": "Không tìm thấy", "Select all": "Chọn tất cả",
    "Clear value": "Bỏ lựa chọn", "Clear all": "Bỏ hết", "Open": "Mở", "Selected values": "Các mục đã chọn",
    "Close": "Đóng", "Cancel": "Thôi", "Copy": "Chép", "Try again": "Thử lại", "Remove": "Bỏ", "Expand": "Mở rộng",
    "Sidebar": "Thanh bên", "Collapse sidebar": "Thu thanh bên", "Expand sidebar": "Mở thanh bên", "App pages": "Các trang",
    "Skip to main content": "Tới nội dung chính", "Main menu": "Trình đơn", "Notifications": "Thông báo",
    "Running...": "Đang chạy…", "Connecting": "Đang kết nối", "Connection error": "Mất kết nối",
    "Please wait...": "Xin đợi…", "Show password": "Hiện mật khẩu", "Hide password": "Ẩn mật khẩu",
    "Copy to clipboard": "Chép", "Previous page": "Trang trước", "Next page": "Trang sau", "Add files": "Thêm tệp",
    "Fullscreen": "Toàn màn hình", "Close fullscreen": "Thôi toàn màn hình", "Search": "Tìm", "Close Search": "Đóng tìm kiếm",
    "Next Result": "Kết quả sau", "Previous Result": "Kết quả trước", "Download as CSV": "Tải về tệp CSV",
    "Show/hide columns": "Hiện, ẩn cột", "Clear selection": "Bỏ chọn", "Sort ascending": "Xếp tăng dần",
    "Sort descending": "Xếp giảm dần", "Autosize": "Vừa bề rộng", "Pin column": "Ghim cột", "Unpin column": "Bỏ ghim cột",
    "Hide column": "Ẩn cột", "Copy column name": "Chép tên cột", "Dataframe column menu": "Việc với cột", "No data": "Trống",
    "Choose date": "Chọn ngày", "Clear date": "Xóa ngày", "Link to heading": "Đường dẫn tới đề mục", "file upload": "Chọn tệp",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.":
      "Dùng phím mũi tên để chọn ngày, Enter để nhận, Esc để đóng."
  };
  var said = ["placeholder", "aria-label", "title"];
  var people = "[data-testid=stMain] :is([data-testid=stMarkdownContainer], [data-testid=stHtml], [data-testid=stText])";
  function own(text) { return Object.prototype.hasOwnProperty.call(words, text) ? words[text] : ""; }
  function letters(node) {
    var found = own(node.nodeValue.trim());
    if (found && !(node.parentElement && node.parentElement.closest(people))) { node.nodeValue = found; }
  }
  function signs(element) {
    said.forEach(function (name) {
      var found = element.hasAttribute(name) && own(element.getAttribute(name));
      if (found) { element.setAttribute(name, found); }
    });
  }
  function all(root) {
    if (root.nodeType === Node.TEXT_NODE) { letters(root); return; }
    if (root.nodeType !== Node.ELEMENT_NODE) { return; }
    signs(root);
    var walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT), node;
    while ((node = walker.nextNode())) { if (node.nodeType === Node.TEXT_NODE) { letters(node); } else { signs(node); } }
  }
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.type === "attributes") { signs(change.target); } else { change.addedNodes.forEach(all); }
      if (change.type === "characterData") { letters(change.target); }
    });
  }).observe(document.documentElement, {
    childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: said
  });
})();
