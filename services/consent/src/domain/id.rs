//! Names that the service makes: a prefix that says of what, and 24 random letters.

use mintage_oauth::generated_id;

generated_id!(
    /// Names a user: the `sub` of its tokens.
    pub(crate) UserId, "usr_"
);
generated_id!(
    /// Names a session, as ID tokens do (`sid`).
    pub(crate) SessionId, "ses_"
);
generated_id!(
    /// Names what a user granted a client at an API.
    pub(crate) UserGrantId, "ugr_"
);
generated_id!(
    /// Names a family of refresh tokens: those that came of one sign-in.
    pub(crate) FamilyId, "rtf_"
);
