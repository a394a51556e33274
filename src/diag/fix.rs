use super::{Sources, Span};

/// An edit of the text with one right answer: applied, the file means what it meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction.
    pub title: String,
    /// None overlaps another.
    pub edits: Vec<Edit>,
}

/// Text in place of what a span names; an empty span is a place to insert at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Fix {
    /// One edit.
    pub fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        let (title, text) = (title.into(), text.into());
        Self {
            title,
            edits: vec![Edit { span, text }],
        }
    }

    /// Whether every place it edits is text of a file as it stands, and not of an expansion: what
    /// a parameter or sequence brings in at several places has no one right answer.
    pub fn of_written(&self, sources: &Sources) -> bool {
        let mut edits = self.edits.iter();
        edits.all(|edit| sources.in_file(edit.span))
    }
}
