"""Writers: each module is one dataset format that a spec can name under ``writers:``."""
