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
  lavamock COMMAND [ARGUMENT …]  runs a command against a running server
  lavamock help COMMAND          shows what a command takes and returns, with an example

Commands:
`

const aboutCommands = `
The server's address comes from -addr ADDRESS or -url URL, or else LAVA_API_URL; the default is ` + defaultAddr + `.
With a secret key in LAVA_SECRET_KEY, or merchant=ID, commands act for that merchant. Without one, they
arm and list for all merchants, and commands that need a merchant act for the first.
-json prints the server's JSON. -f keeps printing new calls. An argument is name=value;
@FILE as a value reads the value from a file, @- from standard input.
The part of a name after the dot may be a separate word: script list, calls get. Commands that arm or
script have list and clear, as in fail list and decline clear; each command has help. To use one of
these words as a text, give it by name: script text=list.
`

// help describes a command, or lists all commands. It needs no running server.
func help(ctx context.Context, words []string, w io.Writer) error {
	verbs, err := ownVerbs(ctx)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return listVerbs(w, verbs)
	}
	verb, _, err := findVerb(verbs, words)
	if err != nil {
		return err
	}
	return explain(w, verb)
}

// ownVerbs returns the verbs of this program's own server.
func ownVerbs(ctx context.Context) ([]control.Verb, error) {
	s, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // nothing is in progress
	return control.Client{URL: s.URL(), HTTP: s.HTTPClient()}.Verbs(ctx)
}

// findVerb finds the verb that words begin with, and returns the remaining words. A verb is named by its name, its
// short form, or two words.
func findVerb(verbs []control.Verb, words []string) (control.Verb, []string, error) {
	called := func(name string) (control.Verb, bool) {
		i := slices.IndexFunc(verbs, func(v control.Verb) bool { return v.Name == name || v.Short == name })
		return verbs[max(i, 0)], i >= 0
	}
	verb, ok := called(words[0])
	if len(words) > 1 {
		nouns := []string{nounOf(verb, ok, words[0])}
		if _, arms := called(words[0] + ".arm"); arms {
			nouns = append(nouns, "failures") // where all that is armed is listed and cleared
		}
		for _, noun := range nouns {
			if i := slices.IndexFunc(verbs, func(v control.Verb) bool { return isNamed(v, noun, words[1]) }); i >= 0 {
				return verbs[i], words[2:], nil
			}
		}
	}
	if ok {
		return verb, words[1:], nil
	}
	names := []string{"help"}
	for _, v := range verbs {
		names = append(names, v.Command(), v.Name)
	}
	return control.Verb{}, nil, usageError{fmt.Errorf("there is no command %q%s (lavamock help lists all)", words[0], spelling.DidYouMean(words[0], names))}
}

// nounOf returns the noun of a verb's group, for a word that names it: its own name, or that of a short form, such as
// "failures" for "fail". Everything armed is listed and cleared in one place.
func nounOf(verb control.Verb, ok bool, word string) string {
	noun, action, _ := strings.Cut(verb.Name, ".")
	switch {
	case ok && action == "arm":
		return "failures"
	case ok && strings.HasPrefix(noun, word):
		return noun
	}
	return word
}

// isNamed reports whether a verb is named by a noun, which may be singular, and a word. The verb that removes
// everything of a noun is also named "clear".
func isNamed(v control.Verb, noun, word string) bool {
	of, action, _ := strings.Cut(v.Name, ".")
	if of != noun && of != noun+"s" {
		return false
	}
	return action == word || word == "clear" && v.Method == http.MethodDelete && !strings.Contains(v.Path, "{id}")
}

func listVerbs(w io.Writer, verbs []control.Verb) error {
	var out strings.Builder
	out.WriteString(overview)
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, v := range verbs {
		_, _ = fmt.Fprintf(table, "  %s\t%s\n", v.Command(), v.Description)
	}
	_ = table.Flush() // can't fail for a strings.Builder
	out.WriteString(aboutCommands)
	_, err := io.WriteString(w, out.String())
	return err
}

// explain describes a verb in full.
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
	_, _ = fmt.Fprintf(&out, "\nIts full name is %s; in Go, use Server.%s.\n", v.Name, strings.Join(v.Go, ", Server."))
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

// curl returns the example of a verb as a curl command.
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
		case name == "id" && strings.Contains(path, "{id}"):
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

// shellWords splits a line at spaces outside quotes.
func shellWords(line string) []string {
	quoted := false
	return strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}
