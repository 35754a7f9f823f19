/// What all entries of `errors[]` with one code have in common: a row of the list of what can be wrong with a member of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldKind {
    /// Its name for programs, in `snake_case`; it never changes.
    pub code: &'static str,
    /// What is wrong with the member, for the documentation.
    pub meaning: &'static str,
}

/// Lists what can be wrong with the members of a domain's bodies, beside what can be wrong with any ([`FieldProblem`]): the one
/// place where these codes are.
///
/// Each variant is taken wherever a code is ([`Violations::add`](crate::Violations::add)). `ALL` is every variant, in the order
/// written.
///
/// ```
/// domain_kit::field_problems! {
///     /// What can be wrong with a note.
///     pub enum NoteField {
///         InvalidColor "invalid_color", "The text is no color in the form #RRGGBB.";
///     }
/// }
///
/// let mut violations = domain_kit::Violations::default();
/// violations.add("/color", NoteField::InvalidColor, "Expected #RRGGBB.");
/// assert_eq!(NoteField::ALL.len(), 1);
/// ```
#[macro_export]
macro_rules! field_problems {
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident {
            $($variant:ident $code:literal, $meaning:literal;)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visibility enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are written.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name for programs.
            pub const fn code(self) -> &'static str {
                self.kind().code
            }

            /// Its code and words.
            pub const fn kind(self) -> $crate::FieldKind {
                match self {
                    $(Self::$variant => $crate::FieldKind { code: $code, meaning: $meaning },)+
                }
            }

            /// The kinds of all of them.
            pub fn kinds() -> ::std::vec::Vec<$crate::FieldKind> {
                Self::ALL.iter().map(|problem| problem.kind()).collect()
            }
        }

        impl ::std::convert::From<$name> for &'static str {
            fn from(problem: $name) -> Self {
                problem.code()
            }
        }
    };
}

field_problems! {
    /// What can be wrong with a member of any body, and with the body as a whole.
    pub enum FieldProblem {
        MalformedJson "malformed_json", "The body is not JSON.";
        Required "required", "The member is not there, and must be.";
        NotNull "not_null", "The member is null, and cannot be.";
        WrongType "wrong_type", "The value is of another type than the member's.";
        UnknownField "unknown_field", "There is no member of this name. A misspelt one is told its right name.";
        ReadOnly "read_only", "The member is there to be read; the service alone sets it.";
        Blank "blank", "The text has nothing but white space.";
        TooLong "too_long", "The text has more characters than the member takes.";
        TooMany "too_many", "The array has more entries than the member takes.";
        CharacterNotAllowed "character_not_allowed", "The text has a character that cannot be kept: U+0000.";
        UnknownValue "unknown_value", "The text is none of those that the member takes.";
        InvalidTimestamp "invalid_timestamp", "The text is no date and time of RFC 3339.";
        MissingOffset "missing_offset", "The date and time does not say its offset from UTC.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_faults_of_a_member_have_one_code() {
        let codes: BTreeSet<_> = FieldProblem::kinds().iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), FieldProblem::ALL.len());
        assert!(
            FieldProblem::kinds()
                .iter()
                .all(|kind| kind.meaning.ends_with('.'))
        );
    }
}
