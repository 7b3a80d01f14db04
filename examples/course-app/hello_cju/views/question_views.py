"""The list of questions, and a new one."""

from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for

from hello_cju import db
from hello_cju.forms import QuestionForm
from hello_cju.models import Question

bp = Blueprint("question", __name__)


@bp.get("/")
def index():
    questions = Question.query.order_by(Question.id.desc()).all()
    return render_template("index.html", form=QuestionForm(), questions=questions)


@bp.post("/")
def create():
    form = QuestionForm()
    if form.validate_on_submit():
        db.session.add(Question(subject=form.subject.data, created=datetime.now()))
        db.session.commit()
    return redirect(url_for("question.index"))
