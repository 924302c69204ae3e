"""The screens: one page per file, each a function `show(desk)`; which there are, and for whom, is in `menu`."""
