#![no_main]

#[path = "../keybook.rs"]
mod keybook;

libfuzzer_sys::fuzz_target!(|data: &[u8]| keybook::keybook(data));
