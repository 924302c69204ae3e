"""The office: what is carried out, reported and asked during the year, beside and above the contests."""
