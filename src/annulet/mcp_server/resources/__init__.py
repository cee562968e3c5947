"""What the server offers to read: documents, series, the glossary."""
