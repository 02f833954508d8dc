//! Lines of the log as JSON, one flat object each, written as they are read: a line a request is most of what telling
//! of it costs, and a general serializer takes five times as long.

use std::error::Error;
use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes events as JSON.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\",\"target\":\"", metadata.level())?;
        Escaped(&mut writer).write_str(metadata.target())?;
        writer.write_char('"')?;
        let mut fields = Fields { writer: &mut writer, outcome: Ok(()) };
        event.record(&mut fields);
        fields.outcome?;
        writer.write_str("}\n")
    }
}

/// Writes one field after the other.
struct Fields<'f, 'w> {
    writer: &'f mut Writer<'w>,
    outcome: fmt::Result,
}

impl Fields<'_, '_> {
    fn member(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.outcome.is_ok() {
            self.outcome = name(self.writer, field).and_then(|()| write(self.writer));
        }
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        self.member(field, |writer| {
            writer.write_char('"')?;
            Escaped(writer).write_fmt(text)?;
            writer.write_char('"')
        });
    }
}

/// `,"name":`. What a library calls as the line itself calls something else is told apart from it.
fn name(writer: &mut Writer<'_>, field: &Field) -> fmt::Result {
    let name = field.name().trim_start_matches("r#");
    let apart = if ["timestamp", "level", "target"].contains(&name) { "field_" } else { "" };
    write!(writer, ",\"{apart}")?;
    Escaped(writer).write_str(name)?;
    writer.write_str("\":")
}

impl Visit for Fields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |writer| {
            writer.write_char('"')?;
            Escaped(writer).write_str(value)?;
            writer.write_char('"')
        });
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.text(field, format_args!("{value}"));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.text(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    /// JSON has no word for what is no number.
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.member(field, |writer| write!(writer, "{value}"));
        } else {
            self.text(field, format_args!("{value}"));
        }
    }
}

/// The inside of a JSON string. Every control character is escaped, those too that JSON would bear and a terminal obeys.
struct Escaped<'e, 'w>(&'e mut Writer<'w>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            return self.0.write_str(text);
        }
        for letter in text.chars() {
            match letter {
                '"' | '\\' => write!(self.0, "\\{letter}")?,
                '\n' => self.0.write_str("\\n")?,
                letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                    write!(self.0, "\\u{:04x}", u32::from(letter))?;
                }
                letter => self.0.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(log: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::fmt().event_format(Json).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_is_one_flat_object_of_what_is_known() {
        let absent: Option<u64> = None;
        let line = written(|| {
            let error: &(dyn Error + 'static) = &fmt::Error;
            tracing::info!(
                target: "a::b", number = 7_u64, minus = -7, truth = true, half = 0.5, nothing = f64::NAN, absent,
                r#type = "x", target = "y", shown = %"z", error, "it happened"
            );
        });
        let (head, rest) = line.split_once(",\"level\"").unwrap();
        assert!(head.starts_with("{\"timestamp\":\"2") && head.ends_with("Z\""), "{head}");
        assert_eq!(
            rest,
            ":\"INFO\",\"target\":\"a::b\",\"message\":\"it happened\",\"number\":7,\"minus\":-7,\"truth\":true,\
             \"half\":0.5,\"nothing\":\"NaN\",\"type\":\"x\",\"field_target\":\"y\",\"shown\":\"z\",\
             \"error\":\"an error occurred when formatting an argument\"}\n"
        );
    }

    #[test]
    fn b34_nothing_that_is_written_begins_a_line_or_ends_a_string() {
        let line = written(|| tracing::info!(text = "a\"b\\c\nd\r\u{1b}[31m\u{0}\u{85}\u{7f}\u{2028}ü", "x"));
        let text = line.split_once("\"text\":").unwrap().1;
        assert_eq!(text, "\"a\\\"b\\\\c\\nd\\u000d\\u001b[31m\\u0000\\u0085\\u007f\\u2028ü\"}\n");
    }
}
