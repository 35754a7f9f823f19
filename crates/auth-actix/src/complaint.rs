use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What was built wrongly does not mend itself: each code is an error in the log once for each
/// route. There are as many routes as the application has, and no more than this are remembered.
const REMEMBERED: usize = 256;

/// Whether this is worth an error, since nobody has complained of it before.
pub(crate) fn is_new(code: &'static str, route: Option<&str>) -> bool {
    static MADE: Mutex<BTreeSet<(&str, Option<String>)>> = Mutex::new(BTreeSet::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.len() < REMEMBERED && made.insert((code, route.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_is_complained_of_once_by_each_code_and_a_thousand_take_bounded_room() {
        assert!(is_new("a", Some("/x")));
        assert!(is_new("a", Some("/y")));
        assert!(is_new("a", None));
        assert!(is_new("b", Some("/x")));
        for (code, route) in [("a", Some("/x")), ("a", None), ("b", Some("/x"))] {
            assert!(!is_new(code, route), "{code} {route:?}");
        }
        let new = (0..1000).filter(|i| is_new("c", Some(&format!("/{i}"))));
        assert!(new.count() <= REMEMBERED - 4);
    }
}
