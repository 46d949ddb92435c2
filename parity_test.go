package lava_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// The parity table maps each method and each field of the official Node SDK to its counterpart here.
// testdata/nodejs.txt lists them, from the package's type file.
//
// With LAVA_NODE_SDK set to the directory of @lavapayments/nodejs, the list is checked against that type file. With
// UPDATE_PARITY=1 as well, list and table are rewritten.
const (
	nodeSurface = "testdata/nodejs.txt"
	parityTable = "docs/parity.md"
)

const parityIntro = `# Parity with the Node SDK

Each method and field of ` + "`@lavapayments/nodejs`" + ` 11.2.0, with its counterpart in this package. The test
` + "`TestParityWithTheNodeSDK`" + ` reads the Node package's type file, finds the counterparts by reflection, and writes these
tables. It fails if a counterpart is missing.

This package adds: wallet, payment methods, services and the fallback chain; lists that iterate over all pages;
streams; a transport for the providers' own SDKs; webhook handlers; typed errors, retries, timeouts and middleware.
`

// paritySection is a table of the document: the members whose names match and that are in no earlier section.
type paritySection struct {
	title string
	names *regexp.Regexp
}

var paritySections = []paritySection{
	{"Client", regexp.MustCompile(`^(Config|Lava\.(request|\w+$))`)},
	{"Gateway and forward tokens", regexp.MustCompile(`^(ForwardToken|GatewayRequest|prepareGateway)`)},
	{"Providers", regexp.MustCompile(`^Lava\.providers`)},
	{"Login", regexp.MustCompile(`^(Lava\.|RestAuth)`)},
	{"Checkout sessions", regexp.MustCompile(`Checkout`)},
	{"Customers", regexp.MustCompile(`^(Customer|CreateCustomer|UpdateCustomer|RestCustomer)`)},
	{"Plans and subscriptions", regexp.MustCompile(`Subscription|Plan|PendingChange`)},
	{"Meters", regexp.MustCompile(`Meter`)},
	{"Credit bundles", regexp.MustCompile(`CreditBundle`)},
	{"Requests", regexp.MustCompile(`Request`)},
	{"Usage", regexp.MustCompile(`Usage`)},
	{"Webhooks", regexp.MustCompile(`Webhook`)},
	{"Secret keys", regexp.MustCompile(`SecretKey`)},
	{"Spend keys", regexp.MustCompile(`SpendKey`)},
	{"Models", regexp.MustCompile(`Model`)},
	{"Lists and deletions", regexp.MustCompile(``)},
}

// parityRow is a member of the Node SDK and its counterpart.
type parityRow struct{ node, counterpart string }

// nodeNotation formats a member as in a Node program: a method of a resource as customers.create().
func nodeNotation(name string) string {
	parts := strings.Split(name, ".")
	if service, ok := strings.CutSuffix(parts[0], "Resource"); ok {
		parts[0] = strings.ToLower(service[:1]) + service[1:]
		parts[1] += "()"
	}
	if parts[0] == "Lava" {
		parts[0] = "lava"
	}
	return strings.Join(parts, ".")
}

// parityDocument arranges the rows in sections, methods first.
func parityDocument(rows []parityRow) string {
	bySection := make([][]parityRow, len(paritySections))
	for _, row := range rows {
		i := slices.IndexFunc(paritySections, func(s paritySection) bool { return s.names.MatchString(row.node) })
		bySection[i] = append(bySection[i], row)
	}
	var doc strings.Builder
	doc.WriteString(parityIntro)
	for i, section := range paritySections {
		isMethod := func(row parityRow) bool { return strings.Contains(nodeNotation(row.node), "()") }
		slices.SortStableFunc(bySection[i], func(a, b parityRow) int {
			switch {
			case isMethod(a) == isMethod(b):
				return 0
			case isMethod(a):
				return -1
			}
			return 1
		})
		fmt.Fprintf(&doc, "\n## %s\n\n| Node | Go |\n|---|---|\n", section.title)
		for _, row := range bySection[i] {
			fmt.Fprintf(&doc, "| `%s` | %s |\n", nodeNotation(row.node), row.counterpart)
		}
	}
	return doc.String()
}

func TestParityWithTheNodeSDK(t *testing.T) {
	t.Parallel()
	update := os.Getenv("UPDATE_PARITY") != ""
	if sdk := os.Getenv("LAVA_NODE_SDK"); sdk != "" {
		fresh := strings.Join(nodeMembers(t, filepath.Join(sdk, "dist", "index.d.ts")), "\n") + "\n"
		if update {
			require.NoError(t, os.WriteFile(nodeSurface, []byte(fresh), 0o600))
		}
		committed, err := os.ReadFile(nodeSurface)
		require.NoError(t, err)
		require.Equal(t, fresh, string(committed), "the Node SDK changed")
	}
	committed, err := os.ReadFile(nodeSurface)
	require.NoError(t, err)
	used := map[string]bool{}

	var rows []parityRow
	for name := range strings.Lines(string(committed)) {
		name = strings.TrimSpace(name)
		counterpart, ok := counterpart(name)
		if !ok {
			t.Errorf("%s has no counterpart", name)
		}
		used[name] = true
		rows = append(rows, parityRow{name, counterpart})
	}
	for name := range otherwise {
		require.True(t, used[name], "%s is not in the SDK", name)
	}
	table := parityDocument(rows)
	if update {
		require.NoError(t, os.WriteFile(parityTable, []byte(table), 0o600))
	}
	written, err := os.ReadFile(parityTable)
	require.NoError(t, err)
	require.Equal(t, table, string(written), "the table is out of date")
}

var (
	tsOpen   = regexp.MustCompile(`^(?:export |declare |abstract )*(?:interface|type|class|namespace|function) (\w+)`)
	tsMember = regexp.MustCompile(`^(?:private |protected |readonly |static )*(\w+)(?:<T[^>]*>)?(\(|\??:)`)
)

// nodeMembers lists the members of a type file by path. It understands only the TypeScript that the file uses.
func nodeMembers(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	var (
		path  []string // of the open blocks
		names []string
	)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "/") || strings.HasPrefix(line, "*") || strings.HasPrefix(line, "export {") {
			continue
		}
		if strings.HasPrefix(line, "}") {
			if !strings.HasSuffix(line, "{") { // "} | {" continues
				path = path[:len(path)-1]
			}
			continue
		}
		opens := strings.HasSuffix(line, "{")
		if m := tsOpen.FindStringSubmatch(line); m != nil {
			if opens {
				path = append(path, m[1])
			}
			continue
		}
		m := tsMember.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		if full := strings.Join(append(slices.Clone(path), m[1]), "."); !strings.Contains(line, "private ") && !strings.Contains(line, "protected ") && m[1] != "constructor" {
			names = append(names, strings.TrimPrefix(full, "Resources."))
		}
		if opens && !strings.HasSuffix(line, "}") {
			path = append(path, m[1])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// nodeTypes maps the SDK's types to Go types with a different name.
var nodeTypes = map[string]reflect.Type{
	"ListResponse":                reflect.TypeFor[lava.Page[lava.Meter]](),
	"RequestsListResponse":        reflect.TypeFor[lava.Page[lava.Request]](),
	"RestAuthCredentials":         reflect.TypeFor[lava.AuthCredentials](),
	"RestSubscription":            reflect.TypeFor[lava.Subscription](),
	"RestSubscriptionBase":        reflect.TypeFor[lava.Subscription](),
	"RestWebhookCreate":           reflect.TypeFor[lava.WebhookCreated](),
	"RestSecretKeyCreate":         reflect.TypeFor[lava.SecretKeyCreated](),
	"RestSpendKeyCreated":         reflect.TypeFor[lava.SpendKeyCreated](),
	"RestCheckoutSession":         reflect.TypeFor[lava.CheckoutSession](),
	"RestCustomerContact":         reflect.TypeFor[lava.CustomerContact](),
	"RestCustomerSubscription":    reflect.TypeFor[lava.SubscriptionSummary](),
	"RestCustomer":                reflect.TypeFor[lava.Customer](),
	"RestRequest":                 reflect.TypeFor[lava.Request](),
	"RestUsage":                   reflect.TypeFor[lava.Usage](),
	"RestPlanLinkedMeter":         reflect.TypeFor[lava.PlanLinkedMeter](),
	"RestPlanCreditBundle":        reflect.TypeFor[lava.PlanCreditBundle](),
	"RestPlan":                    reflect.TypeFor[lava.Plan](),
	"RestPendingChange":           reflect.TypeFor[lava.PendingChange](),
	"RestSubscriptionPlan":        reflect.TypeFor[lava.SubscriptionPlan](),
	"RestSubscriptionCredits":     reflect.TypeFor[lava.SubscriptionCredits](),
	"RestSubscriptionCustomer":    reflect.TypeFor[lava.CustomerContact](),
	"RestMeterTier":               reflect.TypeFor[lava.MeterTier](),
	"RestMeter":                   reflect.TypeFor[lava.Meter](),
	"RestCreditBundle":            reflect.TypeFor[lava.CreditBundle](),
	"RestWebhook":                 reflect.TypeFor[lava.Webhook](),
	"RestSecretKey":               reflect.TypeFor[lava.SecretKey](),
	"RestSpendKey":                reflect.TypeFor[lava.SpendKey](),
	"RestModel":                   reflect.TypeFor[lava.Model](),
	"CreateCheckoutSessionParams": reflect.TypeFor[lava.CreateCheckoutSessionParams](),
	"CreateCustomerParams":        reflect.TypeFor[lava.CreateCustomerParams](),
	"CreateMeterParams":           reflect.TypeFor[lava.CreateMeterParams](),
	"CreatePlanParams":            reflect.TypeFor[lava.CreatePlanParams](),
	"CreateRequestParams":         reflect.TypeFor[lava.CreateRequestParams](),
	"CreateSecretKeyParams":       reflect.TypeFor[lava.CreateSecretKeyParams](),
	"CreateSpendKeyParams":        reflect.TypeFor[lava.CreateSpendKeyParams](),
	"CreateSubscriptionParams":    reflect.TypeFor[lava.CreateSubscriptionParams](),
	"CreateWebhookParams":         reflect.TypeFor[lava.CreateWebhookParams](),
	"CustomersListParams":         reflect.TypeFor[lava.ListCustomersParams](),
	"PaginationParams":            reflect.TypeFor[lava.ListMetersParams](),
	"RequestsListParams":          reflect.TypeFor[lava.ListRequestsParams](),
	"UpdateCustomerParams":        reflect.TypeFor[lava.UpdateCustomerParams](),
	"UpdateMeterParams":           reflect.TypeFor[lava.UpdateMeterParams](),
	"UpdatePlanParams":            reflect.TypeFor[lava.UpdatePlanParams](),
	"UpdateSpendKeyParams":        reflect.TypeFor[lava.UpdateSpendKeyParams](),
	"UpdateSubscriptionParams":    reflect.TypeFor[lava.UpdateSubscriptionParams](),
	"UpdateWebhookParams":         reflect.TypeFor[lava.UpdateWebhookParams](),
	"UsageParams":                 reflect.TypeFor[lava.RetrieveUsageParams](),
	"GatewayRequestParams":        reflect.TypeFor[lava.GatewayParams](),
	"CreditBundlesResource.list":  reflect.TypeFor[lava.ListCreditBundlesParams](),
	"SubscriptionsResource.list":  reflect.TypeFor[lava.ListSubscriptionsParams](),
	"SpendKeysResource.list":      reflect.TypeFor[lava.ListSpendKeysParams](),
	"Lava":                        reflect.TypeFor[*lava.Client](),
	"Lava.providers":              reflect.TypeFor[lava.Providers](),
}

// otherwise maps the members whose counterpart isn't a method or field.
var otherwise = map[string]string{
	"Config.apiVersion":                             "none: deprecated and unused there",
	"Config.baseUrl":                                "`WithBaseURL`",
	"CustomersResource.getSubscription":             "`CustomersService.RetrieveSubscription`",
	"DeletedResponse.deleted":                       "a nil error",
	"DeletedResponse.id":                            "the id that was passed",
	"RestCustomerSubscriptionResponse.subscription": "the result of `CustomersService.RetrieveSubscription`; null is `ErrNoSubscription`",
	"CustomersResource.delete.success":              "a nil error",
	"SpendKeysResource.revoke.success":              "a nil error",
	"SubscriptionsResource.cancel.success":          "a nil error",
	"SubscriptionsResource.update.success":          "a nil error",
	"SubscriptionsResource.create.subscription":     "the result of `SubscriptionsService.Create`",
	"prepareGatewayBody.serialized":                 "`GatewayParams.Body` is written as it says there",
	"prepareGatewayBody.inferredContentType":        "`GatewayParams.Body` is written as it says there",
	"ForwardTokenOptions.customer_id":               "`ForCustomer.CustomerID`",
	"ForwardTokenOptions.meter_slug":                "`ForCustomer.MeterSlug`, `ForMeter.MeterSlug`",
	"ForwardTokenOptions.provider_key":              "`ForCustomer.ProviderKey`, `ForMeter.ProviderKey`, `ForMerchant.ProviderKey`; with null for customer and meter: `ForProviderKey.Key`",
	"ForwardTokenOptions.disable_billing":           "`ForCustomer.DisableBilling`",
	"GatewayRequestParams.headers":                  "`GatewayParams.SetHeader`",
	"GatewayRequestParams.customer_id":              "`GatewayParams.Payer`: `ForCustomer.CustomerID`",
	"GatewayRequestParams.meter_slug":               "`GatewayParams.Payer`: `ForCustomer.MeterSlug`, `ForMeter.MeterSlug`",
	"GatewayRequestParams.provider_key":             "`GatewayParams.Payer`: `ProviderKey` of each payer, `ForProviderKey.Key`",
	"GatewayRequestParams.disable_billing":          "`GatewayParams.Payer`: `ForCustomer.DisableBilling`",
	"RestModelList.data":                            "the result of `ModelsService.List`",
	"RestModelList.object":                          "none: it is always \"list\"",
	"Lava.request":                                  "`Client.Do`",
	"Lava.exchangeAuthCode":                         "`ExchangeAuthCode`",
	"Lava.exchangeAuthCode.code":                    "`ExchangeAuthCode`: code",
	"Lava.exchangeAuthCode.baseUrl":                 "`WithBaseURL`",
	"Lava.login":                                    "`Login`",
	"Lava.login.baseUrl":                            "`LoginParams.AppURL`",
	"Lava.request.data":                             "`Client.Do`: params",
	"Lava.request.query":                            "`Client.Do`: in the path",
}

// counterpart finds the counterpart of a Node SDK member by reflection.
func counterpart(name string) (string, bool) {
	if text, ok := otherwise[name]; ok {
		return text, true
	}
	// The longest prefix that is a known type, then fields.
	parts := strings.Split(name, ".")
	for i := len(parts) - 1; i > 0; i-- {
		if typ, ok := nodeTypes[strings.Join(parts[:i], ".")]; ok {
			return member(typ, parts[i:])
		}
	}
	if service, ok := strings.CutSuffix(parts[0], "Resource"); ok && len(parts) == 2 {
		field, ok := reflect.TypeFor[lava.Client]().FieldByName(service)
		if !ok {
			return "", false
		}
		return member(field.Type, parts[1:])
	}
	return "", false
}

// member finds a method or a field, by its JSON name if it has one.
func member(typ reflect.Type, path []string) (string, bool) {
	same := func(goName string) bool {
		return strings.EqualFold(strings.ReplaceAll(path[0], "_", ""), goName)
	}
	if typ.Kind() == reflect.Pointer {
		for i := range typ.NumMethod() {
			if same(typ.Method(i).Name) {
				return "`" + typ.Elem().Name() + "." + typ.Method(i).Name + "`", len(path) == 1
			}
		}
	}
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if strings.HasPrefix(typ.Name(), "Field[") { // its value type, if that is a struct
		field, _ := typ.FieldByName("value")
		return member(field.Type, path)
	}
	if typ.Kind() != reflect.Struct {
		return "", false
	}
	for _, field := range reflect.VisibleFields(typ) {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous || tag != path[0] && (tag != "" || !same(field.Name)) {
			continue
		}
		if len(path) > 1 {
			return member(field.Type, path[1:])
		}
		name, _, _ := strings.Cut(typ.Name(), "[")
		return "`" + name + "." + field.Name + "`", true
	}
	return "", false
}
