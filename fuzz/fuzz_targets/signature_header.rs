#![no_main]

libfuzzer_sys::fuzz_target!(|input: (usize, Vec<String>, String, Vec<u8>, i64)| {
    let (at, values, query, body, millis) = input;
    leadhook_fuzz::signature_header(at, &values, &query, &body, millis);
});
