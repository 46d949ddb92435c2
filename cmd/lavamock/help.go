package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lavapayments/lava-go/cmd/internal/control"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/mockserver"
)

const overview = `Lavamock is Lava, offline.

  lavamock [FLAG …]              starts a server; lavamock -help lists the flags
  lavamock COMMAND [ARGUMENT …]  does something to a server that runs
  lavamock help COMMAND          shows what a command takes and returns, with an example

Commands:
`

const aboutCommands = `
They find the server at -addr ADDRESS or -url URL, else at LAVA_API_URL, else at ` + defaultAddr + `.
With a secret key in LAVA_SECRET_KEY they speak for its merchant, without one for the first.
-json prints the server's JSON, -f goes on with what comes (calls). An argument is name=value;
@FILE as a value is what the file holds, @- standard input.
`

// help tells of one command, or of all if none is named. It needs no server that runs.
func help(ctx context.Context, words []string, w io.Writer) error {
	verbs, err := ownVerbs(ctx)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return listVerbs(w, verbs)
	}
	verb, err := findVerb(verbs, words[0])
	if err != nil {
		return err
	}
	return explain(w, verb)
}

// ownVerbs are those of a server of this program.
func ownVerbs(ctx context.Context) ([]control.Verb, error) {
	s, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // nothing is under way
	return control.Client{URL: s.URL(), HTTP: s.HTTPClient()}.Verbs(ctx)
}

// findVerb finds a verb by its name or its short form.
func findVerb(verbs []control.Verb, name string) (control.Verb, error) {
	i := slices.IndexFunc(verbs, func(v control.Verb) bool { return v.Name == name || v.Short == name })
	if i >= 0 {
		return verbs[i], nil
	}
	names := []string{"help"}
	for _, v := range verbs {
		names = append(names, v.Command(), v.Name)
	}
	return control.Verb{}, usageError{fmt.Errorf("there is no command %q%s; lavamock help lists them", name, spelling.DidYouMean(name, names))}
}

func listVerbs(w io.Writer, verbs []control.Verb) error {
	var out strings.Builder
	out.WriteString(overview)
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, v := range verbs {
		_, _ = fmt.Fprintf(table, "  %s\t%s\n", v.Command(), v.Description)
	}
	_ = table.Flush() // a strings.Builder takes everything
	out.WriteString(aboutCommands)
	_, err := io.WriteString(w, out.String())
	return err
}

// explain tells all about a verb.
func explain(w io.Writer, v control.Verb) error {
	var out strings.Builder
	_, _ = fmt.Fprintf(&out, "usage: lavamock %s\n%s\n", v.Synopsis(), v.Description)
	if len(v.Arguments) > 0 {
		out.WriteString("\narguments:\n")
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		explainArguments(table, "  ", v.Arguments)
		_ = table.Flush()
	}
	_, _ = fmt.Fprintf(&out, "\nexample:\n  %s\n  %s\n", strings.TrimSpace("lavamock "+v.Command()+" "+v.Example), curl(v))
	if len(v.Returns) > 0 {
		out.WriteString("\nreturns:\n")
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		explainResults(table, "  ", v.Returns)
		_ = table.Flush()
	}
	_, _ = fmt.Fprintf(&out, "\nIts full name is %s; in Go it is Server.%s.\n", v.Name, strings.Join(v.Go, ", Server."))
	_, err := io.WriteString(w, out.String())
	return err
}

func explainArguments(w io.Writer, indent string, args []control.Argument) {
	for _, a := range args {
		about := a.Description
		if a.Required {
			about += " (required)"
		}
		if len(a.Allowed) > 0 {
			about += ": " + strings.Join(a.Allowed, ", ")
		}
		_, _ = fmt.Fprintf(w, "%s%s\t%s\t%s\n", indent, a.Name, a.Type, about)
		explainArguments(w, indent+"  ", a.Fields)
	}
}

func explainResults(w io.Writer, indent string, results []control.Result) {
	for _, r := range results {
		_, _ = fmt.Fprintf(w, "%s%s\t%s\n", indent, r.Name, r.Type)
		explainResults(w, indent+"  ", r.Fields)
	}
}

// curl is the example of a verb as a request.
func curl(v control.Verb) string {
	path, data, file := v.Path, "", ""
	positional := v.Positional()
	for _, word := range shellWords(v.Example) {
		name, value, named := strings.Cut(word, "=")
		if !named && len(positional) > 0 {
			name, value, positional = positional[0].Name, word, positional[1:]
		}
		switch {
		case strings.HasPrefix(word, ">"):
			file += " " + word
		case file != "":
			file += " " + word
		case name == "id":
			path = strings.Replace(path, "{id}", value, 1)
		case strings.HasPrefix(value, "@"):
			data += " --data-binary " + value
		default:
			data += " --data-urlencode " + name + "=" + value
		}
	}
	flags := " "
	switch {
	case v.Method == http.MethodGet && data != "":
		flags = " -G "
	case v.Method != http.MethodGet && (v.Method != http.MethodPost || data == ""):
		flags = " -X " + v.Method + " "
	}
	return "curl" + flags + `"$LAVA_API_URL` + path + `"` + data + file
}

// shellWords splits a line at its spaces, but for those between quotes, which stay.
func shellWords(line string) []string {
	quoted := false
	return strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
