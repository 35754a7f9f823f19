use std::io::{self, IsTerminal};

use super::{Failure, print};
use crate::{
    doctor::{Report, Style},
    settings::Environment,
};

/// How reports look where stdout leads: in columns and colours for people, plain for whatever reads on. <https://no-color.org>
pub(super) fn style(environment: &Environment) -> Style {
    let terminal = io::stdout().is_terminal();
    Style {
        aligned: terminal,
        coloured: terminal && !environment.has("NO_COLOR"),
    }
}

/// Prints JSON, indented, and gives the report's exit code.
pub(super) fn print_json(report: &Report, value: &serde_json::Value) -> Result<u8, Failure> {
    print(format!("{value:#}\n").as_bytes())?;
    Ok(report.exit_code())
}

/// Columns as wide as their longest cell; the last one is not filled up.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:0$}", width(column)));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell_and_lines_end_without_spaces() {
        let rows = [["KID", "ALG"], ["a", "EdDSA"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(columns(&rows), "KID  ALG\na    EdDSA\n");
    }
}
