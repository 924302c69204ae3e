"""The paper: score sheets and tables in, results workbooks out."""
