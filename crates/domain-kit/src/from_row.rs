use auth_pg::{Row, StoreError};

use crate::ApiError;

/// A type that a row of a statement becomes. [`from_row!`](crate::from_row) writes it where each member has its column's name.
pub trait FromRow: Sized {
    /// The row as this type.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when it lacks a column or has one of another type.
    fn from_row(row: &Row) -> Result<Self, StoreError>;

    /// What the client is told when there is no such row.
    fn absent() -> ApiError;

    /// The one that the path names, or the problem that there is none.
    ///
    /// # Errors
    /// [`absent`](Self::absent), and as of [`from_row`](Self::from_row).
    fn found(row: Option<Row>) -> Result<Self, ApiError> {
        let row = row.ok_or_else(Self::absent)?;
        Ok(Self::from_row(&row)?)
    }

    /// All rows as this type.
    ///
    /// # Errors
    /// As of [`from_row`](Self::from_row).
    fn all(rows: &[Row]) -> Result<Vec<Self>, ApiError> {
        let all: Result<_, StoreError> = rows.iter().map(Self::from_row).collect();
        Ok(all?)
    }
}

/// Implements [`FromRow`](crate::FromRow) for a struct whose members have the names of the columns.
///
/// ```
/// # domain_kit::problems! {
/// #     /// What can go wrong with notes.
/// #     pub enum NoteProblem {
/// #         NoteNotFound = NOT_FOUND "note_not_found", "No such note", "There is none.", "Look again.";
/// #     }
/// # }
/// struct Note {
///     title: String,
///     content: Option<String>,
/// }
///
/// domain_kit::from_row!(Note { title, content } else NoteProblem::NoteNotFound);
/// ```
#[macro_export]
macro_rules! from_row {
    ($name:ident { $($member:ident),+ $(,)? } else $problem:expr) => {
        impl $crate::FromRow for $name {
            fn from_row(row: &$crate::Row) -> ::std::result::Result<Self, $crate::StoreError> {
                ::std::result::Result::Ok(Self {
                    $($member: row.try_get(::std::stringify!($member))?,)+
                })
            }

            fn absent() -> $crate::ApiError {
                $problem.into()
            }
        }
    };
}
