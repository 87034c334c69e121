#![no_main]

libfuzzer_sys::fuzz_target!(|input: (u8, String, String, u8, Vec<u8>)| {
    let (at, content_type, encoding, events_max, body) = input;
    leadhook_fuzz::split(at.into(), &content_type, &encoding, &body, events_max.into());
});
