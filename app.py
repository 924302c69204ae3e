"""chamdiem in the browser: `chamdiem serve`, or `streamlit run app.py` for a look."""

import streamlit as st

from chamdiem.server import parts

app = st.App(**parts())
