"""Lets `python -m geo_service` do what `geo-service` does."""

from geo_service.cli import main

if __name__ == "__main__":
    main()
