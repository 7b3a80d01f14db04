"""Tables of the database."""

from hello_cju import db


class Question(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    subject = db.Column(db.String(200), nullable=False)
    created = db.Column(db.DateTime, nullable=False)
