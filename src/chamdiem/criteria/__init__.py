"""The law: criteria sets as data, typed, checked and frozen."""
