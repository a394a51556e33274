use clap::ValueEnum;

/// The form of an answer on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object, for machines
    Json,
}

/// The form of the linter's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For people
    Human,
    /// One JSON object, for machines
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands, which GitHub shows beside the lines
    Github,
    /// Code Quality report, which GitLab shows beside the lines
    Gitlab,
}
