//! The table of codes. A code's name never changes once released: people filter and alert on it.

macro_rules! codes {
    ($(
        $(#[$about:meta])*
        $group:ident { $($variant:ident, $name:literal, $meaning:literal;)* }
    )*) => {
        /// One kind of fault, refusal or reason. Its [`name`](Code::name) is the wire form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $meaning] $variant,)*)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$($(Code::$variant,)*)*];

            $(
                $(#[$about])*
                pub const $group: &'static [Code] = &[$(Code::$variant,)*];
            )*

            /// The stable snake_case name.
            pub const fn name(self) -> &'static str {
                match self { $($(Code::$variant => $name,)*)* }
            }

            /// What it means, as a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $($(Code::$variant => $meaning,)*)* }
            }
        }
    };
}

codes! {
    /// Requests refused before they became events.
    REQUESTS {
        SourceUnknown, "source_unknown", "No source of this name is or was configured.";
        SourceNotConfigured, "source_not_configured", "The source exists, but its secret or a mapping file without faults is missing.";
        RouteUnknown, "route_unknown", "There is nothing at this address.";
        MethodNotAllowed, "method_not_allowed", "This address takes other methods.";
        RequestMalformed, "request_malformed", "The HTTP request is broken.";
        PeerNotAllowed, "peer_not_allowed", "The source takes no requests from this address.";
        UrlTooLong, "url_too_long", "The address that was called is longer than the limit.";
        HeadersTooLarge, "headers_too_large", "The header fields are larger than the limit.";
        SignatureMissing, "signature_missing", "A header that carries the signature or token, or that the signature covers, is absent.";
        SignatureMalformed, "signature_malformed", "The signature header does not have the provider's form.";
        SignatureMismatch, "signature_mismatch", "No signature or token matches any secret of the source.";
        TimestampMissing, "timestamp_missing", "The signed timestamp is absent.";
        TimestampMalformed, "timestamp_malformed", "The signed timestamp is not a number.";
        TimestampTooOld, "timestamp_too_old", "The request was signed too long ago.";
        TimestampTooNew, "timestamp_too_new", "The request was signed in the future.";
        SignatureKeyUnknown, "signature_key_unknown", "The token is signed by a key that the provider does not publish.";
        TokenClaims, "token_claims", "The token lacks a claim, or is of another issuer or for another audience.";
        KeysUnavailable, "keys_unavailable", "The keys that the provider publishes could not be fetched yet.";
        HandshakeMalformed, "handshake_malformed", "A handshake lacks what its answer is made of.";
        BodyTooLarge, "body_too_large", "The body is larger than the limit.";
        BodyIncomplete, "body_incomplete", "The body ended before its announced length.";
        BodyTooSlow, "body_too_slow", "The body did not arrive within the time limit.";
        TooManyRefusals, "too_many_refusals", "Too many requests from this address were not authentic.";
        RateLimited, "rate_limited", "More authentic requests came than the source takes.";
        StoreUnavailable, "store_unavailable", "The event can't be stored at the moment.";
        Overloaded, "overloaded", "Too much is waiting to be stored at the moment.";
        NoSources, "no_sources", "No source is configured.";
        Stopping, "stopping", "The service is shutting down.";
    }
    /// Calls of operators.
    OPERATORS {
        Unauthorized, "unauthorized", "The call does not carry the operator's token.";
        CallInvalid, "call_invalid", "The call does not have the form that this address takes.";
        RejectionUnknown, "rejection_unknown", "There is no such rejection, or none any more.";
        NotAnEvent, "not_an_event", "The rejection is a handshake of the provider, which carries no event.";
        BodyNotKept, "body_not_kept", "The body of the rejection was not kept, so that it can't be verified.";
    }
    /// Authentic events that can't be read.
    EVENTS {
        BodyNotUtf8, "body_not_utf8", "The body is not UTF-8 text.";
        BodyNotJson, "body_not_json", "The body is not valid JSON.";
        BodyTooDeep, "body_too_deep", "The body nests deeper than 127 levels.";
        BodyEncodingUnknown, "body_encoding_unknown", "The body is compressed in a way that is not known here.";
        BodyNotInflated, "body_not_inflated", "The body is not compressed as its header says.";
        BodyInflatesTooLarge, "body_inflates_too_large", "The body is larger than the limit once it is inflated.";
        BodyNotForm, "body_not_form", "The body is not the form that its content type promises.";
        BodyNotJwt, "body_not_jwt", "The claims of the token that the body carries can't be read.";
        EventTooComplex, "event_too_complex", "The event has more values than the mapping may visit.";
        BatchTooLarge, "batch_too_large", "The request carries more events than the limit.";
        BatchNotFound, "batch_not_found", "The place where the provider puts its events is absent.";
    }
    /// What a rule made of an event when it made no lead.
    RULES {
        NoClickId, "no_click_id", "Nobody referred this person: there is no click id.";
        FieldMissing, "field_missing", "A required field found nothing in the event.";
        FieldSkipped, "field_skipped", "A field found nothing, and the rule says to skip then.";
        FieldWrongType, "field_wrong_type", "A field found a value of a type that it can't take.";
        FieldUnmatched, "field_unmatched", "A value is not in the rule's `map`, which has no `else`.";
        FieldTooLong, "field_too_long", "A required field is longer than the destination takes.";
        FieldInvalid, "field_invalid", "A required field breaks a rule of the destination.";
    }
    /// Optional fields that were changed so that the lead could go.
    REPAIRS {
        FieldTruncated, "field_truncated", "An optional field was shortened to what the destination takes.";
        FieldRepaired, "field_repaired", "An optional field was changed to fit the destination's rules.";
        FieldLeftOut, "field_left_out", "An optional field does not fit the destination's rules and was left out.";
    }
    /// Why a delivery is where it is.
    DELIVERIES {
        RecordedBefore, "recorded_before", "This customer and event name are recorded at the destination already.";
        Recorded, "recorded", "The destination accepted the lead and named its link.";
        CustomerCreated, "customer_created", "The destination created the customer; the lead follows later.";
        DuplicateOfOurs, "duplicate_of_ours", "The destination has had this lead from an earlier delivery.";
        DuplicateOfOthers, "duplicate_of_others", "The destination has had this lead from somebody else.";
        ProbablyRecorded, "probably_recorded", "An earlier attempt whose answer was lost probably recorded the lead.";
        ProbablySwallowed, "probably_swallowed", "The destination marked the lead as seen in an attempt that failed and drops it now.";
        DestinationRefused, "destination_refused", "The destination refused the lead for good.";
        DestinationUnauthorized, "destination_unauthorized", "The destination refuses the key, or the workspace may not track leads.";
        DestinationRateLimited, "destination_rate_limited", "The destination asks to slow down.";
        DestinationError, "destination_error", "The destination failed.";
        DestinationUnreachable, "destination_unreachable", "The destination could not be reached.";
        DestinationAnswerUnclear, "destination_answer_unclear", "The destination answered something that is not of its API.";
        AnswerLost, "answer_lost", "The lead was sent and the answer never came.";
        GivenUp, "given_up", "The lead is left to a person: retries used up their time, or another one could count it twice.";
    }
    /// Mapping files.
    MAPPING_FILES {
        TomlSyntax, "toml_syntax", "The file is not valid TOML.";
        KeyUnknown, "key_unknown", "The key means nothing here.";
        KeyMissing, "key_missing", "A required key is absent.";
        ValueWrongType, "value_wrong_type", "The value has the wrong type.";
        ValueInvalid, "value_invalid", "The value is not allowed here.";
        NameTaken, "name_taken", "The name is used twice.";
        QuerySyntax, "query_syntax", "The query is not valid RFC 9535 JSONPath.";
        QueryUnbounded, "query_unbounded", "The query could visit far too many values.";
        QueryFindsNothing, "query_finds_nothing", "The query finds nothing in any sample of the events that it is for.";
        EventTypeUnknown, "event_type_unknown", "The provider is not known to send events of this type.";
        ValueSuspicious, "value_suspicious", "The value is allowed, but hardly what was meant.";
        ProviderUnknown, "provider_unknown", "There is no provider of this name.";
        SecretReference, "secret_reference", "A secret must be named as env:NAME or file:PATH, never written down.";
        SecretMissing, "secret_missing", "A secret is named, but not set.";
        SecretInvalid, "secret_invalid", "A secret does not have the form that the provider's secrets have.";
        RuleImpossible, "rule_impossible", "The rule can never make a lead.";
        NotSupported, "not_supported", "This version does not do that yet.";
        CaseFailed, "case_failed", "A case of the mapping file does not hold.";
        VectorFailed, "vector_failed", "A vector of the mapping file does not come to what it expects.";
        FileUnreadable, "file_unreadable", "The file or folder can't be read.";
    }
    /// Exported events.
    EXPORTS {
        ExportLineInvalid, "export_line_invalid", "A line of an export of events can't be read.";
    }
    /// Settings.
    SETTINGS {
        SettingUnknown, "setting_unknown", "There is no setting of this name.";
        SettingInvalid, "setting_invalid", "The setting's value is not allowed.";
        SettingMissing, "setting_missing", "A required setting is absent.";
        SettingInsecure, "setting_insecure", "The setting would send secrets or people's data unprotected.";
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.name() == name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_snake_case_and_read_back() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'8'));
            assert_eq!(code.name().parse(), Ok(*code));
        }
    }
}
