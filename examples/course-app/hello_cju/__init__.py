"""Questions and answers, as a package with a factory and no file to start."""

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

import config

db = SQLAlchemy()
migrate = Migrate()


def create_app():
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    migrate.init_app(app, db)

    from hello_cju import models  # noqa: F401, so that migrations know the tables
    from hello_cju.views import question_views

    app.register_blueprint(question_views.bp)
    return app
