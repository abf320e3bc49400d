"""Where tasks that ``spin`` runs are recorded and stored: apart from real runs, in ``.flowkit_spin``."""
