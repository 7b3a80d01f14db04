//! Ready-made parameter files, built into the program.
//!
//! A preset is an ordinary parameter file with comments: `bootseed init` writes it out, and a
//! parameter file of one's own can be laid over it. To add one: a `.yaml` file here and its line in
//! `ALL`.

use std::sync::Arc;

use crate::catalog::Listed;
use crate::source::Source;

/// A ready-made parameter file.
pub struct Preset {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

impl Listed for Preset {
    const KIND: &'static str = "preset";
    const ALL: &'static [&'static Preset] = &[
        &Preset {
            name: "hello_cju",
            about: "Anaconda with an environment hello_cju of Python 3.9, and nginx",
            text: include_str!("hello_cju.yaml"),
        },
        &Preset {
            name: "flask",
            about: "a Flask application with a form and a database, behind nginx",
            text: include_str!("flask.yaml"),
        },
        &Preset {
            name: "django",
            about: "a Django project with its administration pages, behind nginx",
            text: include_str!("django.yaml"),
        },
        &Preset {
            name: "streamlit",
            about: "a Streamlit application, behind nginx",
            text: include_str!("streamlit.yaml"),
        },
        &Preset {
            name: "static",
            about: "nginx alone, with a page of your own",
            text: include_str!("static.yaml"),
        },
    ];

    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }
}

impl Preset {
    /// The parameter file.
    pub fn source(&self) -> Arc<Source> {
        Source::new(format!("preset {}", self.name), self.text)
    }
}
