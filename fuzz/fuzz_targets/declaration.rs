#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| leadhook_fuzz::declaration(text));
