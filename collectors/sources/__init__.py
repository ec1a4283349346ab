"""One card per source, and one small module where no kind serves."""
