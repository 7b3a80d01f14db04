"""A guest book: a Flask application with a database, a form and files of its own."""

import os
import sqlite3
from pathlib import Path

from flask import Flask, g, redirect, render_template, request

MIGRATIONS = Path(__file__).parent / "migrations"


def create_app():
    app = Flask(__name__, instance_relative_config=True)
    app.secret_key = os.environ.get("SECRET_KEY", "only on my computer")
    Path(app.instance_path).mkdir(exist_ok=True)
    database = Path(app.instance_path) / "guestbook.sqlite3"

    def connection():
        if "connection" not in g:
            g.connection = sqlite3.connect(database)
        return g.connection

    @app.teardown_appcontext
    def close(_error):
        if "connection" in g:
            g.connection.close()

    @app.get("/")
    def index():
        entries = connection().execute("SELECT name, text FROM entry ORDER BY id DESC").fetchall()
        return render_template("index.html", entries=entries, visitor=request.remote_addr)

    @app.post("/")
    def add():
        entry = request.form["name"][:50], request.form["text"][:500]
        with connection() as database:
            database.execute("INSERT INTO entry (name, text) VALUES (?, ?)", entry)
        return redirect("/")

    @app.cli.command("upgrade")
    def upgrade():
        """Brings the database to the newest version."""
        with connection() as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            for number, file in enumerate(sorted(MIGRATIONS.glob("*.sql")), 1):
                if number > version:
                    database.executescript(file.read_text())
                    database.execute(f"PRAGMA user_version = {number}")

    return app
