using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Redlock.Fast.Service.Tests;

/// <summary>The sample as a process of its own, on a free port.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private ServiceProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
    }

    public HttpClient Http { get; private set; } = new();

    public string Output => string.Join('\n', _lines);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<ServiceProcess> StartAsync(params string[] arguments)
    {
        ServiceProcess service = Launch(["--urls", "http://127.0.0.1:0", .. arguments]);
        try
        {
            await Eventually.Holds(() => Address().IsMatch(service.Output) || service._process.HasExited);
            Match address = Address().Match(service.Output);
            Assert.True(address.Success, service.Output);
            service.Http = new HttpClient
            {
                BaseAddress = new Uri(address.Groups["address"].Value), Timeout = TimeSpan.FromMinutes(2),
            };
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it with arguments by which it can't run, and waits for its end.</summary>
    /// <returns>What it said, and its exit code.</returns>
    public static async Task<(string Output, int ExitCode)> RunAsync(params string[] arguments)
    {
        await using ServiceProcess service = Launch(arguments);
        await service._process.WaitForExitAsync(Token).SoonAsync();
        return (service.Output, service._process.ExitCode);
    }

    /// <summary>As an orchestrator ends it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Token).SoonAsync();
        await _process.WaitForExitAsync(Token).SoonAsync();
        return _process.ExitCode;
    }

    public async Task<(HttpResponseMessage Response, JsonElement Body)> ShipAsync(int order, string query = "")
    {
        HttpResponseMessage response = await PostAsync($"/orders/{order}/ship{query}");
        return (response, await ReadAsync(response));
    }

    public async Task<HttpResponseMessage> PostAsync(string path) => await Http.PostAsync(path, content: null, Token);

    /// <summary>What its page's buttons do.</summary>
    public async Task PressAsync(string path)
    {
        using HttpResponseMessage done = await PostAsync($"/sample/{path}");
        Assert.True(done.IsSuccessStatusCode, $"{path}: {done.StatusCode}");
    }

    /// <summary>The status of the answer, and what it says of itself.</summary>
    public async Task<(HttpStatusCode Code, string Status)> HealthAsync(string kind)
    {
        using HttpResponseMessage answer = await Http.GetAsync($"/health/{kind}", Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        return (answer.StatusCode, text.StartsWith('{') ? (await ReadAsync(answer)).GetProperty("status").GetString()! : text);
    }

    public Task<string> MetricsAsync() => Http.GetStringAsync("/metrics", Token);

    /// <summary>Waits for what the page is shown live.</summary>
    public async Task<JsonElement> SeesAsync(Func<JsonElement, bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Eventually.Patience);
        using StreamReader live = new(await Http.GetStreamAsync("/live", limit.Token));
        while (await live.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                JsonElement snapshot = JsonElement.Parse(line["data: ".Length..]);
                if (condition(snapshot))
                {
                    return snapshot;
                }
            }
        }

        throw new EndOfStreamException("The service closed its live view.");
    }

    /// <summary>As a crash ends it.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        Http.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));

    private static ServiceProcess Launch(string[] arguments)
    {
        // Built as this is: .../bin/Release/net10.0.
        string[] built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar)[^3..];
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(Path.Combine([SourceTree.Root, "samples", "Service", .. built, "Service.dll"]));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        ServiceProcess service = new(new Process { StartInfo = start });
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        return service;
    }

    [GeneratedRegex(@"Open (?<address>http://127\.0\.0\.1:\d+) ")]
    private static partial Regex Address();
}
