package dialect

import (
	"slices"
	"strings"
)

// Traits are what single providers do otherwise in a format that they share.
type Traits struct {
	// ReportsUsage reports whether streams contain usage without a request for it. Such a provider may reject that
	// request.
	ReportsUsage bool `json:"reports_usage"`
	// KeyHeader is the header for the key, if it isn't the format's.
	KeyHeader string `json:"key_header"`
	// Thoughts is the field for a model's thoughts in messages that are sent back: "" is reasoning_content, the name
	// in most servers of OpenAI's format.
	Thoughts string `json:"thoughts"`
	// ThoughtsInContent means that responses have the thoughts as parts of the content: those of models whose names
	// begin like one of these, and those to requests with an effort.
	ThoughtsInContent []string `json:"thoughts_in_content"`
	// NeedsThoughts means that messages of the assistant must have thoughts: a blank replaces those that were lost.
	NeedsThoughts bool `json:"needs_thoughts"`
	// Original reports whether the format is the provider's own. Other servers adopted OpenAI's before max_completion_tokens
	// replaced max_tokens, and before the role developer and allowed_tools.
	Original bool `json:"original"`
	// CachePoints reports whether texts accept cache_control, for models that must be told what to cache.
	CachePoints bool `json:"cache_points"`
	// CallIDLength is the exact number of letters and digits in the id of a call; 0 means the format's limits.
	CallIDLength int `json:"call_id_length"`
	// ResultsLast means that no user text may follow the results of tools.
	ResultsLast bool `json:"results_last"`
	// MaxTemperature is the highest temperature if it is less than the format's; 0 means the format's limits.
	MaxTemperature float64 `json:"max_temperature"`
	// Alternates means that messages of the user and the assistant must alternate, and that the first and the last are the
	// user's.
	Alternates bool `json:"alternates"`
	// IgnoresSettings means that settings that a model does not support are ignored.
	IgnoresSettings bool `json:"ignores_settings"`
	// OneChoice means that the provider accepts only n = 1.
	OneChoice bool `json:"one_choice"`
	// Refuses are fields that the format has and the provider rejects.
	Refuses []string `json:"refuses"`
	// RefusesInMessages are such fields of messages.
	RefusesInMessages []string `json:"refuses_in_messages"`
	// Named is the only role whose messages may have a name; "" means all.
	Named string `json:"named"`
	// NoSchemas means that JSON can be requested, but not with a schema.
	NoSchemas bool `json:"no_schemas"`
	// SchemalessModels are the beginnings of the names of models for which that is so, if it isn't for all.
	SchemalessModels []string `json:"schemaless_models"`
	// OnlySchemas means that JSON can be requested only with a schema.
	OnlySchemas bool `json:"only_schemas"`
	// SameStrict means that all tools must have the same strict.
	SameStrict bool `json:"same_strict"`
	// RandomSeed means that the field seed is called random_seed.
	RandomSeed bool `json:"random_seed"`
	// Efforts are the values of reasoning_effort that the provider accepts for some models, instead of the usual ones.
	Efforts []ModelEfforts `json:"efforts"`
	// JSONAlone means that JSON can't be requested together with tools.
	JSONAlone bool `json:"json_alone"`
	// NoMedia means that messages can contain only text.
	NoMedia bool `json:"no_media"`
	// PlainRoles are the roles whose messages must be a text, not a list of parts.
	PlainRoles []string `json:"plain_roles"`
	// ImageModels are the beginnings of the names of models for which that is not so.
	ImageModels []string `json:"image_models"`
	// MarksPrefix means that a final assistant message, with which the response must begin, is marked as such.
	MarksPrefix bool `json:"marks_prefix"`
}

// ModelEfforts are the efforts of the models whose names begin with Models, lowest first; nil for none.
type ModelEfforts struct {
	Models  string   `json:"models"`
	Efforts []Effort `json:"efforts"`
}

// For returns the traits that apply to a model.
func (t Traits) For(model string) Traits {
	t.NoMedia = t.NoMedia && !BeginsWithOneOf(model, t.ImageModels...)
	t.NoSchemas = t.NoSchemas || BeginsWithOneOf(model, t.SchemalessModels...)
	return t
}

// Names of models are compared by their beginnings, or by parts of them where a provider puts something before.

// BeginsWithOneOf reports whether a text begins with one of some others.
func BeginsWithOneOf(text string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool { return strings.HasPrefix(text, other) })
}

// ContainsOneOf reports whether a text contains one of some others.
func ContainsOneOf(text string, others ...string) bool {
	return slices.ContainsFunc(others, func(other string) bool { return strings.Contains(text, other) })
}
