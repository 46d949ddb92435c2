package lava_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/dialect/known"
)

// A program that imports this package gets only these packages.
func TestImportGraph(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		"github.com/lavapayments/lava-go",
		"github.com/lavapayments/lava-go/internal/dialect/ending",
		"github.com/lavapayments/lava-go/internal/errorbody",
		"github.com/lavapayments/lava-go/internal/eventstream",
		"github.com/lavapayments/lava-go/internal/exchange",
		"github.com/lavapayments/lava-go/internal/jsonscan",
		"github.com/lavapayments/lava-go/internal/sse",
		"github.com/google/uuid",
		"github.com/shopspring/decimal",
	}, strings.Fields(string(out)))
}

// surface is the exported API of the package, as go doc shows it.
type surface struct {
	*doc.Package
	fset *token.FileSet
}

func readSurface(t *testing.T) surface {
	t.Helper()
	s := surface{fset: token.NewFileSet()}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	var files []*ast.File
	for _, entry := range entries {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(s.fset, name, nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, file)
		}
	}
	s.Package, err = doc.NewFromFiles(s.fset, files, "github.com/lavapayments/lava-go")
	require.NoError(t, err)
	return s
}

// text returns a piece of source, such as a type, as gofmt formats it.
func (s surface) text(node any) string {
	var b strings.Builder
	_ = printer.Fprint(&b, s.fset, node)
	return b.String()
}

// param is a parameter or a result.
type param struct{ name, typ string }

func (s surface) params(list *ast.FieldList) []param {
	var all []param
	if list == nil {
		return nil
	}
	for _, field := range list.List {
		typ := s.text(field.Type)
		for _, name := range field.Names {
			all = append(all, param{name.Name, typ})
		}
		if len(field.Names) == 0 {
			all = append(all, param{"", typ})
		}
	}
	return all
}

// function is an exported function or method.
type function struct {
	name     string // "MetersService.List"
	receiver string // "MetersService"; "" for functions
	doc      string
	in, out  []param
}

func (s surface) functions() []function {
	var all []function
	add := func(receiver string, funcs []*doc.Func) {
		for _, f := range funcs {
			name := f.Name
			if receiver != "" {
				name = receiver + "." + f.Name
			}
			all = append(all, function{name, receiver, f.Doc, s.params(f.Decl.Type.Params), s.params(f.Decl.Type.Results)})
		}
	}
	add("", s.Funcs)
	for _, typ := range s.Types {
		add("", typ.Funcs)
		add(typ.Name, typ.Methods)
	}
	return all
}

// structs are the exported types that are structs, by name.
func (s surface) structs() map[string][]param {
	all := map[string][]param{}
	for _, typ := range s.Types {
		for _, spec := range typ.Decl.Specs {
			if st, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType); ok {
				all[typ.Name] = s.params(st.Fields)
			}
		}
	}
	return all
}

var firstWord = regexp.MustCompile(`^[A-Z][a-z]*`)

func TestExportedNamesAreDocumented(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	for _, f := range s.functions() {
		name := f.name[strings.LastIndex(f.name, ".")+1:]
		assert.Regexp(t, `^(`+name+`|Deprecated:)\b`, f.doc, f.name)
	}
	groups := slices.Concat(s.Consts, s.Vars)
	for _, typ := range s.Types {
		assert.Regexp(t, `^(An? |The )?`+typ.Name+`\b`, typ.Doc)
		groups = slices.Concat(groups, typ.Consts, typ.Vars)
	}
	for _, group := range groups {
		assert.NotEmpty(t, group.Doc, "%v", group.Names)
	}
}

// Each type is a parameter or result of a function, or contained in one: none is unused.
func TestTypesAreUsed(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	var uses strings.Builder
	for _, f := range s.functions() {
		for _, p := range slices.Concat(f.in, f.out) {
			uses.WriteString(p.typ + "\n")
		}
	}
	for _, fields := range s.structs() {
		for _, field := range fields {
			uses.WriteString(field.typ + "\n")
		}
	}
	payer := []string{"ForCustomer", "ForMerchant", "ForMeter", "ForProviderKey"} // like the interface
	for _, typ := range s.Types {
		if typ.Name == "Error" || slices.Contains(payer, typ.Name) {
			continue
		}
		assert.Regexp(t, `\b`+typ.Name+`\b`, uses.String())
	}
}

// A context comes first, and is named ctx.
func TestContextsComeFirst(t *testing.T) {
	t.Parallel()
	for _, f := range readSurface(t).functions() {
		for i, p := range f.in {
			if p.typ == "context.Context" {
				assert.Zero(t, i, f.name)
				assert.Equal(t, "ctx", p.name, f.name)
			}
		}
	}
}

// The methods that call the API take a context, then ids, then parameters by value, in a type whose name begins with
// the method's verb.
func TestParameters(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	structs := s.structs()
	for _, f := range s.functions() {
		calls := strings.HasSuffix(f.receiver, "Service")
		if calls && !strings.HasPrefix(f.out[0].typ, "iter.") {
			assert.Equal(t, "context.Context", f.in[0].typ, f.name)
			assert.Equal(t, "error", f.out[len(f.out)-1].typ, f.name)
		}
		verb := firstWord.FindString(f.name[strings.LastIndex(f.name, ".")+1:])
		for i, p := range f.in {
			switch {
			case strings.HasSuffix(p.typ, "Params"):
				want := verb
				if verb == "All" {
					want = "List"
				}
				assert.Equal(t, "params", p.name, f.name)
				assert.Regexp(t, "^"+want, p.typ, f.name)
				assert.Contains(t, structs, p.typ, "%s: pass parameters by value, as a struct type of their own", f.name)
			case calls && p.typ == "string":
				assert.Regexp(t, "ID$", p.name, f.name)
			case calls && i > 0:
				assert.Equal(t, "FallbackChainService.Update", f.name, "%s: parameters of its own type must be for this method only", p.typ)
			}
		}
	}
	for name, fields := range structs {
		if !strings.HasSuffix(name, "Params") {
			continue
		}
		for _, field := range fields {
			assert.NotRegexp(t, `^\*`, field.typ, "%s.%s: use Field where null or zero mean something", name, field.name)
		}
	}
}

// A list has pages, with parameters to select one and a method that iterates over all; or it is a slice.
func TestLists(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	structs, functions := s.structs(), s.functions()
	lists := 0
	for _, f := range functions {
		receiver, name := path.Split(strings.ReplaceAll(f.name, ".", "/"))
		if !strings.HasSuffix(f.receiver, "Service") || !strings.HasPrefix(name, "List") {
			continue
		}
		item, paged := strings.CutPrefix(f.out[0].typ, "*Page[")
		if !paged {
			assert.Regexp(t, `^\[\]`, f.out[0].typ, f.name)
			continue
		}
		lists++
		require.Regexp(t, `^List\w+Params$`, f.in[1].typ, f.name)
		fields := structs[f.in[1].typ]
		assert.Equal(t, []param{{"Cursor", "string"}, {"Limit", "int"}}, fields[max(0, len(fields)-2):], f.name)

		all := strings.ReplaceAll(receiver, "/", ".") + "All" + strings.TrimPrefix(name, "List")
		i := slices.IndexFunc(functions, func(g function) bool { return g.name == all })
		require.GreaterOrEqual(t, i, 0, all)
		assert.Equal(t, f.in, functions[i].in, all)
		assert.Equal(t, "iter.Seq2["+strings.TrimSuffix(item, "]")+", error]", functions[i].out[0].typ, all)
	}
	assert.Greater(t, lists, 8)
}

// Functions named With… return options, and those named ContextWith… put something into a context.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	for _, f := range readSurface(t).functions() {
		if f.receiver != "" {
			continue
		}
		makes := f.out[0].typ
		assert.Equal(t, makes == "Option", strings.HasPrefix(f.name, "With"), f.name)
		assert.Equal(t, makes == "context.Context", strings.HasPrefix(f.name, "ContextWith"), f.name)
		assert.False(t, len(f.in) > 0 && f.in[0].typ == "*Client", "%s should be a method of the client", f.name)
	}
}

// The parameter for who pays is always a Payer named payer.
func TestPayers(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	for _, f := range s.functions() {
		for _, p := range f.in {
			assert.Equal(t, p.typ == "Payer", p.name == "payer", "%s: %s %s", f.name, p.name, p.typ)
		}
	}
	for name, fields := range s.structs() {
		for _, field := range fields {
			assert.Equal(t, field.typ == "Payer", field.name == "Payer", "%s.%s", name, field.name)
		}
	}
}

// Every credential is a Secret, in fields and results alike, and no other string is one. As a parameter, it is a
// string, because that is how the environment contains it.
func TestCredentialsAreSecrets(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	credential := regexp.MustCompile(`(Secret|Token|Key)$`)
	for name, fields := range s.structs() {
		for _, field := range fields {
			if name+"."+field.name != "Error.IdempotencyKey" {
				assert.Equal(t, credential.MatchString(field.name), field.typ == "Secret", "%s.%s %s", name, field.name, field.typ)
			}
		}
	}
	for _, f := range s.functions() {
		if f.receiver == "Secret" {
			continue
		}
		for _, p := range f.out {
			assert.Equal(t, p.typ == "Secret", strings.HasSuffix(f.name, "Token") || f.name == "NewSecret", f.name)
			break
		}
	}
}

// All sentinels are in one table.
func TestSentinelsStandTogether(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	for _, group := range s.Vars {
		assert.Equal(t, "errors.go", s.fset.Position(group.Decl.Pos()).Filename, "%v", group.Names)
		for _, name := range group.Names {
			assert.Regexp(t, "^Err", name)
		}
	}
}

// The program in the package comment is the package's example, which is compiled.
func TestPackageDocCompiles(t *testing.T) {
	t.Parallel()
	s := readSurface(t)
	_, program, found := strings.Cut(s.Doc, "\tpackage main\n")
	require.True(t, found)
	program, _, _ = strings.Cut(program, "\n# ")
	program = strings.ReplaceAll("\n"+program, "\n\t", "\n")
	main, err := parser.ParseFile(s.fset, "main.go", "package main\n"+program, parser.ParseComments)
	require.NoError(t, err)
	examples, err := parser.ParseFile(s.fset, "example_test.go", nil, parser.ParseComments)
	require.NoError(t, err)

	inDoc, compiled := s.body(main, "main"), s.body(examples, "Example")
	require.Equal(t, compiled, inDoc)
	for _, spec := range main.Imports {
		name := strings.TrimSuffix(path.Base(strings.Trim(spec.Path.Value, `"`)), "-go")
		require.Contains(t, inDoc, name+".", "an unused import")
	}
}

// body is the body of a function, with its comments.
func (s surface) body(file *ast.File, name string) string {
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Name.Name == name {
			return s.text(&printer.CommentedNode{Node: f.Body, Comments: file.Comments})
		}
	}
	return ""
}

// The client has its own lists of facts about the wire formats, because it doesn't link them.
func TestOwnListsOfFormats(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)

	t.Run("names", func(t *testing.T) {
		var names []string
		for _, chat := range known.Formats().Chats() {
			names = append(names, fmt.Sprintf("%q", chat.Name()))
			_, err := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Format: lava.GatewayFormat(chat.Name())})
			require.NoError(t, err)
		}
		_, err := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Format: "morse"})
		require.ErrorContains(t, err, "["+strings.Join(names, " ")+"]")
	})

	t.Run("where credentials travel", func(t *testing.T) {
		transport, err := client.Transport(lava.TransportParams{Payer: lava.ForMerchant{}})
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.googleapis.com/", nil)
		require.NoError(t, err)
		query := url.Values{}
		for _, c := range known.Formats().Credentials() {
			for _, name := range c.AllHeaders() {
				req.Header.Set(name, "theirs")
			}
			if c.Query != "" {
				query.Set(c.Query, "theirs")
			}
		}
		req.Header.Set("X-Another-Header", "stays")
		req.URL.RawQuery = query.Encode()
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		seen := api.seen()[len(api.seen())-1]
		require.NotContains(t, seen.URI, "theirs")
		require.NotContains(t, fmt.Sprint(seen.Header), "theirs")
		require.Equal(t, "stays", seen.Header.Get("X-Another-Header"))
	})
}
