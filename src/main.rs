//! The command `lvsctl`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // A usage error ends here with status 2, help and version with 0.
    let cli = lvsctl::cli::Cli::parse();
    ExitCode::from(lvsctl::cli::run(&cli).code())
}
