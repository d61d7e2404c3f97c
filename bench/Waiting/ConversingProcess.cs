using System.Diagnostics;

namespace Redlock.Fast.Bench;

/// <summary>This very program in a process of its own that is told something, and answers, line by line.</summary>
internal sealed class ConversingProcess : IDisposable
{
    // Longer than anything that it is told takes: who is silent for so long will not answer.
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _arguments;

    private ConversingProcess(Process process, string arguments)
    {
        _process = process;
        _arguments = arguments;
    }

    /// <summary>Starts it.</summary>
    /// <param name="arguments">What it is to do. It must end when its input ends.</param>
    public static ConversingProcess Start(params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, ChildProcess.OwnArguments(arguments))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new ConversingProcess(Process.Start(start)!, string.Join(' ', arguments));
    }

    /// <summary>Sends it a line.</summary>
    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Its next line.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<string> HearAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(_answerLimit)
        ?? throw new InvalidOperationException($"The process \"{_arguments}\" ended without an answer; what it said stands above.");

    /// <summary>Ends it as a crash does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
