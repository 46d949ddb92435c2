package sse_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/sse"
)

type event struct {
	Type, ID string
	Data     string
	HasData  bool
	Raw      string
}

// readAll returns copies of all events and the error that ended them.
func readAll(r io.Reader, maxEvent int) ([]event, error) {
	reader := sse.NewReader(r, maxEvent)
	var all []event
	for {
		e, err := reader.Next()
		if err != nil {
			if len(e.Raw) > 0 {
				all = append(all, event{Raw: string(e.Raw)})
			}
			return all, err
		}
		all = append(all, event{e.Type, e.ID, string(e.Data), e.Data != nil, string(e.Raw)})
	}
}

func data(raw, data string) event { return event{Data: data, HasData: true, Raw: raw} }
func bare(raw string) event       { return event{Raw: raw} }

func TestEvents(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	tests := []struct {
		name  string
		input string
		want  []event
	}{
		{"empty", "", nil},
		{"one", "data: a\n\n", []event{data("data: a\n\n", "a")}},
		{"no space", "data:a\n\n", []event{data("data:a\n\n", "a")}},
		{"only one space is removed", "data:  a \n\n", []event{data("data:  a \n\n", " a ")}},
		{"crlf", "data: a\r\n\r\ndata: b\r\n\r\n", []event{data("data: a\r\n\r\n", "a"), data("data: b\r\n\r\n", "b")}},
		{"cr", "data: a\r\rdata: b\r\r", []event{data("data: a\r\r", "a"), data("data: b\r\r", "b")}},
		{"mixed line ends", "data: a\rdata: b\ndata: c\r\n\ndata: d\n\r\n", []event{
			data("data: a\rdata: b\ndata: c\r\n\n", "a\nb\nc"), data("data: d\n\r\n", "d"),
		}},
		{"several data lines", "data: a\ndata:\ndata: b\n\n", []event{data("data: a\ndata:\ndata: b\n\n", "a\n\nb")}},
		{"long line", "data: " + long + "\n\n", []event{data("data: "+long+"\n\n", long)}},
		{"type and id", "event: ping\nid: 7\ndata: a\n\ndata: b\n\n", []event{
			{"ping", "7", "a", true, "event: ping\nid: 7\ndata: a\n\n"}, {"", "7", "b", true, "data: b\n\n"},
		}},
		{"id with NUL is ignored", "id: 7\x00\ndata: a\n\n", []event{data("id: 7\x00\ndata: a\n\n", "a")}},
		{"unknown fields and retry", "retry: 5\nfoo: bar\ndata: a\n\n", []event{data("retry: 5\nfoo: bar\ndata: a\n\n", "a")}},
		{"field names are exact", " data: a\nData: b\n\n", []event{bare(" data: a\nData: b\n\n")}},
		{"byte order mark", "\xef\xbb\xbfdata: a\n\n", []event{data("\xef\xbb\xbfdata: a\n\n", "a")}},
		{"byte order mark, later", "data: a\n\n\xef\xbb\xbfdata: b\n\n", []event{data("data: a\n\n", "a"), bare("\xef\xbb\xbfdata: b\n\n")}},
		{"byte order mark, no line end", "\xef\xbb\xbfdata: a", []event{data("\xef\xbb\xbfdata: a", "a")}},
		{"comment alone", ": ping\n\ndata: a\n\n", []event{bare(": ping\n"), bare("\n"), data("data: a\n\n", "a")}},
		{"comment before an event", ":\ndata: a\n\n", []event{bare(":\n"), data("data: a\n\n", "a")}},
		{"comment inside an event", "data: a\n: x\ndata: b\n\n", []event{data("data: a\n: x\ndata: b\n\n", "a\nb")}},
		{"blank lines", "\n\r\n\r\r", []event{bare("\n"), bare("\r\n"), bare("\r"), bare("\r")}},
		{"last event without blank line", "data: a\n\ndata: b\n", []event{data("data: a\n\n", "a"), data("data: b\n", "b")}},
		{"last line without end", "data: a\n\ndata: b", []event{data("data: a\n\n", "a"), data("data: b", "b")}},
		// The example of the specification, section "Interpreting an event stream",
		// except that its last block is returned here.
		{"specification", "data\n\ndata\ndata\n\ndata:", []event{
			data("data\n\n", ""), data("data\ndata\n\n", "\n"), data("data:", ""),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readAll(strings.NewReader(tt.input), 1<<20)
			require.ErrorIs(t, err, io.EOF)
			require.Equal(t, tt.want, got)

			got, err = readAll(iotest.DataErrReader(strings.NewReader(tt.input)), 1<<20)
			require.ErrorIs(t, err, io.EOF)
			require.Equal(t, tt.want, got, "when the end arrives with the last bytes")

			got, err = readAll(iotest.OneByteReader(strings.NewReader(tt.input)), 1<<20)
			require.ErrorIs(t, err, io.EOF)
			require.Equal(t, withData(tt.want), withData(got), "byte by byte")
			require.Equal(t, tt.input, joinRaw(got), "byte by byte")
		})
	}
}

// withData keeps what an application sees, which does not depend on how the bytes arrive.
func withData(events []event) []event {
	var kept []event
	for _, e := range events {
		if e.HasData {
			e.Raw = ""
			kept = append(kept, e)
		}
	}
	return kept
}

func joinRaw(events []event) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString(e.Raw)
	}
	return b.String()
}

// A stream that stalls must have delivered all complete events.
func TestEventIsReturnedWithItsBlankLine(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"data: a\n\n", "data: a\r\r", "data: a\r\n\r", ": ping\n", ": ping\r", "\n"} {
		t.Run(fmt.Sprintf("%q", input), func(t *testing.T) {
			// A read beyond the input would block on a real connection.
			beyond := readFunc(func([]byte) (int, error) {
				t.Error("Next kept reading although the event was complete")
				return 0, io.EOF
			})
			reader := sse.NewReader(io.MultiReader(iotest.OneByteReader(strings.NewReader(input)), beyond), 1<<20)
			e, err := reader.Next()
			require.NoError(t, err)
			require.Equal(t, input, string(e.Raw))
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestEventTooLong(t *testing.T) {
	t.Parallel()
	fits := "data: 12345678\n\n"
	over := "data: 123456789\n\n"
	rest := "data: next\n\n"
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"at once":      func(r io.Reader) io.Reader { return r },
		"byte by byte": iotest.OneByteReader,
	} {
		t.Run(name, func(t *testing.T) {
			reader := sse.NewReader(wrap(strings.NewReader(fits+over+rest)), len(fits))
			e, err := reader.Next()
			require.NoError(t, err)
			require.Equal(t, fits, string(e.Raw))

			e, err = reader.Next()
			require.ErrorIs(t, err, sse.ErrTooLong)
			require.NotEmpty(t, e.Raw)
			require.True(t, strings.HasPrefix(over+rest, string(e.Raw)), "the data that was read is returned")

			e, err = reader.Next()
			require.ErrorIs(t, err, sse.ErrTooLong, "the error stays")
			require.Empty(t, e.Raw)
		})
	}
}

func TestBrokenSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	got, err := readAll(io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(broken)), 1<<20)
	require.ErrorIs(t, err, broken)
	require.Equal(t, []event{data("data: a\n\n", "a"), bare("data: b")}, got, "a partial event isn't returned")

	_, err = readAll(readFunc(func([]byte) (int, error) { return 0, nil }), 1<<20)
	require.ErrorIs(t, err, io.ErrNoProgress)
}

func TestNextDoesNotAllocate(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what others allocate
	stream := bytes.Repeat([]byte("event: message_delta\ndata: {\"type\":\"message_delta\"}\n\n"), 1000)
	reader := sse.NewReader(bytes.NewReader(stream), 1<<20)
	_, err := reader.Next()
	require.NoError(t, err)
	allocs := testing.AllocsPerRun(500, func() {
		if _, err := reader.Next(); err != nil {
			t.Fatal(err)
		}
	})
	require.Zero(t, allocs)
}

// FuzzReader checks that no byte is lost or changed, and that events do not depend on how the bytes arrive, against a
// slow and simple implementation of the rules.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"data: a\n\n", "event: x\r\ndata: a\r\ndata: b\r\n\r\n", "\xef\xbb\xbfid: 1\rdata\r\r", ": c\n\n", "data: a\r\n\rdata: b", "\n\r\n\r",
	} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, input []byte, chunk int) {
		whole, err := readAll(bytes.NewReader(input), 1<<20)
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, string(input), joinRaw(whole))

		size := 1 + max(0, chunk)%17
		parts, err := readAll(readFunc(cutter(input, size)), 1<<20)
		require.ErrorIs(t, err, io.EOF)
		require.Equal(t, string(input), joinRaw(parts))
		require.Equal(t, withData(whole), withData(parts))
		require.Equal(t, simple(input), withData(whole))
	})
}

// cutter delivers input in reads of at most size bytes.
func cutter(input []byte, size int) func([]byte) (int, error) {
	return func(p []byte) (int, error) {
		if len(input) == 0 {
			return 0, io.EOF
		}
		n := copy(p, input[:min(size, len(input))])
		input = input[n:]
		return n, nil
	}
}

// simple parses the events with data from the whole text.
func simple(input []byte) []event {
	text := strings.TrimPrefix(string(input), "\xef\xbb\xbf")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var (
		all  []event
		id   string
		name string
		data []string
	)
	for _, line := range append(strings.Split(text, "\n"), "") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if data != nil {
				all = append(all, event{Type: name, ID: id, Data: strings.Join(data, "\n"), HasData: true})
			}
			name, data = "", nil
		case field == "data":
			data = append(data, value)
		case field == "event":
			name = value
		case field == "id" && !strings.Contains(value, "\x00"):
			id = value
		}
	}
	return all
}

func BenchmarkNext(b *testing.B) {
	one := []byte("data: {\"id\":\"chatcmpl-123\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"}}]}\n\n")
	stream := bytes.Repeat(one, 1000)
	b.SetBytes(int64(len(one)))
	b.ReportAllocs()
	reader := sse.NewReader(bytes.NewReader(nil), 1<<20)
	for b.Loop() {
		if _, err := reader.Next(); err != nil {
			reader = sse.NewReader(bytes.NewReader(stream), 1<<20)
		}
	}
}
