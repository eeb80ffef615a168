"""Officer, role and jurisdiction: who may ask, enforced here and once more by the database."""
