"""chamdiem in the browser: `chamdiem serve`, or `streamlit run app.py` for a look."""

import os

import streamlit as st

from chamdiem.server import parts

os.environ.setdefault("CHAMDIEM_DEMO", "1")  # made-up people may be signed in by a click, on this machine alone
app = st.App(**parts())
