"""The service's database: SQLite for one server, PostgreSQL for production."""
