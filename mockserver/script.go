package mockserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Script tells fake providers how to respond. A request gets the first reply that
// matches it and is not used up. Without a matching reply, a fake provider responds on
// its own, always with the same response to the same request, apart from ids and times;
// with a [Seed] and a clock that is set with [At], those are also reproducible. An
// invalid reply, such as one with the status 42, fails the test of [Start]; elsewhere
// Script panics. A reply that was not used as often as its Times fails the test when it
// ends. Script returns the replies' ids, with which [Server.Disarm] removes them.
func (s *Server) Script(replies ...Reply) (ids []string) {
	s.test.Helper()
	armed, err := s.script("", replies)
	s.mustArm("Script", err)
	return idsOf(armed)
}

// Script is [Server.Script] for only this merchant's requests.
func (m *Merchant) Script(replies ...Reply) (ids []string) {
	m.server.test.Helper()
	armed, err := m.server.script(m.ID(), replies)
	m.server.mustArm("Script", err)
	return idsOf(armed)
}

func idsOf(armed []Armed) []string {
	ids := make([]string, len(armed))
	for i, a := range armed {
		ids[i] = a.ID
	}
	return ids
}

// ResetScript removes all replies that were given to [Server.Script] and
// [Merchant.Script].
func (s *Server) ResetScript() { s.dropReplies("") }

func (s *Server) dropReplies(merchantID string) {
	_, _ = billing.Do(s.engine, s.Now(), billing.DropReplies{MerchantID: merchantID}) // it is never rejected
	s.pruneReplies()
	s.watchers.tell(ChangeArmed, "")
}

// script adds replies for the requests of a merchant, or of all merchants.
func (s *Server) script(merchantID string, replies []Reply) ([]Armed, error) {
	scripted := make([]billing.ScriptedReply, len(replies))
	for i, r := range replies {
		if err := s.checkReply(r); err != nil {
			return nil, fmt.Errorf("replies[%d]: %w", i, err)
		}
		data, err := json.Marshal(encodeReply(r))
		if err != nil {
			return nil, err
		}
		scripted[i] = billing.ScriptedReply{Turns: billing.Turns{Times: r.Times}, Data: data, Local: r.Func != nil || !utf8.Valid(r.Body)}
	}
	s.scripts.mu.Lock() // so that no request finds a reply without its function
	defer s.scripts.mu.Unlock()
	scripted, err := billing.Do(s.engine, s.Now(), billing.ScriptReplies{MerchantID: merchantID, Replies: scripted})
	if err != nil {
		return nil, toError(err)
	}
	armed := make([]Armed, len(scripted))
	for i, r := range scripted {
		s.scripts.keep(r.ID, replies[i])
		armed[i] = s.armedReply(&r)
	}
	s.scripts.prune(s.engine) // the engine may have dropped some
	s.watchers.tell(ChangeArmed, "")
	return armed, nil
}

// scripts are the engine's replies with their Go functions.
type scripts struct {
	mu   sync.Mutex
	byID map[int]*Reply
}

// keep stores a reply. The caller holds mu.
func (s *scripts) keep(id int, r Reply) *Reply {
	if s.byID == nil {
		s.byID = map[int]*Reply{}
	}
	s.byID[id] = &r
	return &r
}

// prune drops the replies that the engine no longer has. The caller holds mu.
func (s *scripts) prune(engine *billing.Engine) {
	if len(s.byID) == 0 {
		return
	}
	live := map[int]bool{}
	for _, r := range engine.Replies() {
		live[r.ID] = true
	}
	maps.DeleteFunc(s.byID, func(id int, _ *Reply) bool { return !live[id] })
}

func (s *Server) pruneReplies() {
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	s.scripts.prune(s.engine)
}

// of returns a reply, decoding a restored one first. The caller holds mu.
func (s *scripts) of(scripted billing.ScriptedReply) *Reply {
	if r, ok := s.byID[scripted.ID]; ok {
		return r
	}
	var in replyInput
	_ = json.Unmarshal(scripted.Data, &in) // an edited snapshot leads to an empty reply
	return s.keep(scripted.ID, in.reply())
}

// restoring runs a function that replaces the engine's state, and drops all replies if it succeeds, because their ids
// then belong to others. Requests never see one without the other.
func (s *scripts) restoring(restore func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := restore(); err != nil {
		return err
	}
	s.byID = nil
	return nil
}

// scriptedReply is a reply in the engine and in Go.
type scriptedReply struct {
	billing.ScriptedReply
	reply *Reply
}

// scriptedReplies returns the replies that aren't used up, in order.
func (s *Server) scriptedReplies() (all []scriptedReply) {
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	for _, entry := range s.engine.Replies() {
		if !entry.IsSpent() {
			all = append(all, scriptedReply{entry, s.scripts.of(entry)})
		}
	}
	return all
}

// takeReply takes a turn of a reply. It reports false if another request has taken the last turn in the meantime, or
// if the reply is gone.
func (s *Server) takeReply(r scriptedReply) bool {
	s.scripts.mu.Lock()
	defer s.scripts.mu.Unlock()
	if s.scripts.byID[r.ID] != r.reply {
		return false // its id belongs to another reply now
	}
	taken, _ := billing.Do(s.engine, s.Now(), billing.UseReply{ID: r.ID})
	return taken
}

// chooseReply returns the reply to a request to a fake provider.
func (s *Server) chooseReply(req *http.Request, provider string, facts dialect.Facts) upstream.Reply {
	scripted := s.scriptedReplies()
	call := recorderOf(req.Context()).call
	if len(scripted) == 0 || s.calls.isOver(call) { // replies scripted since then are for other calls
		return upstream.Reply{}
	}
	asked := sync.OnceValue(func() ProviderCall { return s.asProviderCall(call, req) })
	for _, entry := range scripted {
		if entry.MerchantID != "" && entry.MerchantID != call.merchant {
			continue
		}
		r := entry.reply
		if !r.matches(provider, facts) || !s.isFor(*r, call, asked) {
			continue
		}
		said := *r
		if r.Func != nil {
			own, ok, err := s.ask(r.Func, asked())
			if err != nil { // it takes no turn, so a test that misses the error fails because of Unused
				return upstream.Reply{Status: http.StatusInternalServerError, Message: "the mock's reply: Func: " + err.Error()}
			}
			if !ok {
				continue
			}
			said = own
		}
		if s.takeReply(entry) {
			return said.upstream()
		}
	}
	return upstream.Reply{}
}

// ask returns the result of a reply's function for a request. It returns an error for an invalid reply and for a
// panic, which net/http would turn into a lost connection.
func (s *Server) ask(f func(ProviderCall) (Reply, bool), about ProviderCall) (said Reply, ok bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panicked%s: %v", panicSite(), p)
		}
	}()
	if said, ok = f(about); ok {
		err = s.checkReply(said)
	}
	return said, ok, err
}

// panicSite returns the location of the panic that its caller, a deferred function, has recovered.
func panicSite() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf(" at %s:%d", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// isFor reports whether a reply is for the customer, the prompt and the tools of a call.
func (s *Server) isFor(r Reply, call *keptCall, asked func() ProviderCall) bool {
	if r.Customer != "" && r.Customer != call.customer {
		c, err := s.engine.Customer(call.merchant, r.Customer)
		if err != nil || call.customer == "" || call.customer != c.ID && call.customer != c.ReferenceID {
			return false
		}
	}
	if r.Tool != "" && !slices.Contains(asked().ToolNames(), r.Tool) {
		return false
	}
	return r.PromptContains == "" || asked().says(r.PromptContains)
}

// says reports whether a text is in the input of the model.
func (c ProviderCall) says(text string) bool {
	if len(c.Messages) == 0 && c.System == "" { // not a conversation: a prompt for an image, or a text to speak
		return strings.Contains(string(c.Body()), text)
	}
	return strings.Contains(c.System, text) || slices.ContainsFunc(c.Messages, func(m Message) bool {
		return strings.Contains(m.Text, text) ||
			slices.ContainsFunc(m.ToolResults, func(r ToolResult) bool { return strings.Contains(r.Text, text) }) ||
			slices.ContainsFunc(m.Media, func(doc Media) bool { return strings.Contains(doc.text(), text) })
	})
}

// asProviderCall returns a request that is about to be sent to a provider, with its whole body, because a prompt may
// follow a large image.
func (s *Server) asProviderCall(c *keptCall, req *http.Request) ProviderCall {
	with := *c
	with.id = gateway.RequestID(req.Context())
	with.providerCalls = append(slices.Clone(c.providerCalls), tryOf(s.Now(), req, new(excerpt), maxBodyAsked))
	return s.showTry(&with, len(c.providerCalls), maxBodyAsked)
}

// maxBodyAsked limits the body by which a reply is chosen: the gateway's own limit.
const maxBodyAsked = 64 << 20

// unusedReplies describes the unused replies of a merchant, or of all merchants.
func (s *Server) unusedReplies(merchantID string) (unused []string) {
	for i, entry := range s.engine.Replies() {
		if merchantID != "" && merchantID != entry.MerchantID {
			continue
		}
		if !entry.IsUsed() {
			unused = append(unused, fmt.Sprintf("Script: reply %d%s was used %d times of %d: %.200s", i+1, s.ofMerchant(entry.MerchantID), entry.Used, entry.Least(), s.maskText(string(entry.Data))))
		}
	}
	return unused
}

// operations are the operations that a reply can match.
var operations = []Operation{
	OperationChat, OperationCompletions, OperationResponses, OperationEmbeddings, OperationImages, OperationSpeech, OperationTranscription,
	OperationMessages, OperationGenerate, OperationConverse, OperationEmbed, OperationModels, OperationCountTokens,
	OperationModeration, OperationOther,
}

// checkReply rejects an invalid reply.
func (s *Server) checkReply(r Reply) error {
	if err := s.checkProvider(r.Provider); err != nil {
		return err
	}
	says := r.Text != "" || r.Reasoning != "" || len(r.ToolCalls) > 0 || len(r.Candidates) > 0 || len(r.Images) > 0 || r.FinishReason != ""
	switch {
	case r.Operation != "" && !slices.Contains(operations, r.Operation):
		return billing.Invalid("operation", "%.40q is not an operation%s", r.Operation, spelling.Suggest(r.Operation, operations))
	case r.Times < 0:
		return billing.Invalid("times", "%d is negative: give the number of requests that the reply is for, or 0 for no limit", r.Times)
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		return billing.Invalid("status", "%d is not the status of a response: use 200 to 599", r.Status)
	case r.Body != nil && (says || r.Message != "" || r.Usage != nil || r.NoUsage):
		return billing.Invalid("body", "is the whole body, so it can't be combined with fields of the provider's own body")
	case len(r.Candidates) > 0 && (r.Text != "" || r.Reasoning != "" || len(r.ToolCalls) > 0 || r.FinishReason != ""):
		return billing.Invalid("candidates", "have their own texts, tool calls and finish reasons, so those can't be combined with them")
	case len(r.Candidates) > maxCandidates:
		return billing.Invalid("candidates", "%d are too many: a request can ask for at most %d", len(r.Candidates), maxCandidates)
	case r.ContentType != "" && r.Body == nil:
		return billing.Invalid("content_type", "needs body")
	case r.Message != "" && r.Status < 400:
		return billing.Invalid("message", "needs a status of 400 or above, because it is for errors")
	case r.Status >= 400 && says:
		return billing.Invalid("status", "%d is an error, which contains no model output: use message", r.Status)
	case slices.Contains([]int{http.StatusNoContent, http.StatusResetContent, http.StatusNotModified}, r.Status):
		return billing.Invalid("status", "%d has no body, but a provider's response has one: for an empty body, use Body: []byte{}", r.Status)
	case r.Usage != nil && slices.Min(r.Usage.counts()) < 0:
		return billing.Invalid("usage", "counts must not be negative")
	case r.Usage != nil && r.NoUsage:
		return billing.Invalid("usage", "can't be combined with no_usage")
	case r.negative() != "":
		return billing.Invalid(r.negative(), "must not be negative")
	case r.FaultDelay > 0 && r.Fault == Fault{}:
		return billing.Invalid("fault_delay", "needs fault")
	}
	for i, c := range r.Candidates {
		if err := checkCalls(fmt.Sprintf("candidates[%d].", i), c.ToolCalls); err != nil {
			return err
		}
	}
	return checkCalls("", r.ToolCalls)
}

// negative returns the field with a time, size or count below zero; "" if there is none.
func (r Reply) negative() string {
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"latency", int64(r.Latency)}, {"chunk_delay", int64(r.ChunkDelay)}, {"chunk_size", int64(r.ChunkSize)},
		{"fault_after", int64(r.Fault.after)}, {"fault_delay", int64(r.FaultDelay)},
	} {
		if f.value < 0 {
			return f.name
		}
	}
	return ""
}

// maxCandidates is how many choices a request can ask for, which is OpenAI's limit.
const maxCandidates = 128

func checkCalls(within string, calls []ToolCall) error {
	for i, call := range calls {
		if call.Name == "" {
			return billing.Invalid(fmt.Sprintf("%stool_calls[%d].name", within, i), "is required")
		}
	}
	return nil
}

// checkProvider rejects a text that is neither the id of a provider nor a host.
func (s *Server) checkProvider(name string) error {
	known := s.catalog()
	if _, ok := known.Provider(name); name == "" || ok {
		return nil
	}
	if p, ok := known.ByHost(name); ok {
		return billing.Invalid("provider", "%q is a host of the provider %q: use that id", name, p.ID)
	}
	if strings.Contains(name, ".") && !strings.ContainsAny(name, "/ ") {
		return nil // a host that isn't in the catalog
	}
	return billing.Invalid("provider", "%.60q is neither the id of a provider nor a host such as \"llm.example.com\"%s", name, spelling.Suggest(name, providerIDs(known)))
}
