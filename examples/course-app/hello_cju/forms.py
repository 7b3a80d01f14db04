"""What visitors fill in."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length


class QuestionForm(FlaskForm):
    subject = StringField("질문", validators=[DataRequired(), Length(max=200)])
