"""Settings of the application."""

import os
from pathlib import Path

SQLALCHEMY_DATABASE_URI = f"sqlite:///{Path(__file__).parent / 'hello_cju.db'}"
SECRET_KEY = os.environ.get("SECRET_KEY", "only on my computer")
