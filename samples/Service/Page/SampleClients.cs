using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Redlock.Fast.Service;

/// <summary>Clients of the service, which call it as others do: a browser alone would open six connections and no more.</summary>
internal sealed class SampleClients(IServer server, IHostApplicationLifetime lifetime) : IDisposable
{
    private const int MostPending = 40;
    private const int MostKept = 12;
    private const int Letters = 26;

    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentQueue<ResponseView> _responses = new();
    private int _pending;
    private int _named;
    private int _answered;

    /// <summary>What the latest clients heard, in the order in which they did.</summary>
    public IEnumerable<ResponseView> Responses => _responses;

    /// <summary>Sends clients off, all at once.</summary>
    /// <returns>False if too many are on their way.</returns>
    public bool TrySend(int order, int count, int wait)
    {
        if (count < 1 || Interlocked.Add(ref _pending, count) > MostPending)
        {
            Interlocked.Add(ref _pending, -count);
            return false;
        }

        for (int client = 0; client < count; client++)
        {
            _ = SendAsync(Name(Interlocked.Increment(ref _named) - 1), order, wait);
        }

        return true;
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(string by, int order, int wait)
    {
        string request = $"POST /orders/{order}/ship" + (wait > 0 ? $"?wait={wait}" : "");
        using HttpRequestMessage message = new(HttpMethod.Post, $"{Address()}/orders/{order}/ship?wait={wait}&by={by}");
        ActivityTraceId trace = ActivityTraceId.CreateRandom();
        message.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        long start = Stopwatch.GetTimestamp();
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(message, lifetime.ApplicationStopping);
            using JsonDocument body = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Keep(new ResponseView(
                Interlocked.Increment(ref _answered),
                by,
                request,
                (int)response.StatusCode,
                TextOf(body.RootElement),
                NodesOf(body.RootElement),
                response.Headers.RetryAfter?.ToString(),
                Stopwatch.GetElapsedTime(start).TotalMilliseconds,
                trace.ToHexString()));
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException or JsonException)
        {
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Keep(new ResponseView(Interlocked.Increment(ref _answered), by, request, 0, fault.Message, [], null, milliseconds, ""));
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private void Keep(ResponseView response)
    {
        _responses.Enqueue(response);
        while (_responses.Count > MostKept)
        {
            _responses.TryDequeue(out _);
        }
    }

    private static string TextOf(JsonElement body) =>
        body.TryGetProperty("label", out JsonElement label) ? $"parcel {label.GetString()}"
        : body.TryGetProperty("detail", out JsonElement detail) ? $"{body.GetProperty("title").GetString()}: {detail.GetString()}"
        : body.ToString();

    private static string[] NodesOf(JsonElement body) =>
        body.TryGetProperty("nodes", out JsonElement nodes) ? [.. nodes.EnumerateArray().Select(node => node.GetString() ?? "")] : [];

    // A, B, ... Z, A2, B2, ...
    private static string Name(int number) =>
        $"{(char)('A' + (number % Letters))}{(number < Letters ? "" : (number / Letters) + 1)}";

    // One that listens everywhere is called here.
    private string Address()
    {
        string first = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        BindingAddress bound = BindingAddress.Parse(first);
        string host = bound.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : bound.Host;
        return $"{bound.Scheme}://{host}:{bound.Port}";
    }
}

/// <summary>What a client heard.</summary>
internal sealed record ResponseView(
    int Id,
    string By,
    string Request,
    int Status,
    string Text,
    IReadOnlyList<string> Nodes,
    string? RetryAfter,
    double Milliseconds,
    string Trace);
