using System.Diagnostics;
using System.Reflection;

namespace Redlock.Fast.Worker;

/// <summary>One instance of the service: a process of its own.</summary>
internal sealed class InstanceProcess : IDisposable
{
    private const string Leads = ": this instance leads.";
    private const string Failed = "the leader's work failed";

    private readonly Process _process;

    private InstanceProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    /// <summary>Starts it, and tells when it begins to lead, or says that it met another leader.</summary>
    public static InstanceProcess Start(string name, IReadOnlyList<string> settings, Action<InstanceProcess> led, Action<string> failed)
    {
        string program = Environment.ProcessPath!;
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add("--instance");
        foreach (string setting in settings)
        {
            start.ArgumentList.Add(setting);
        }

        InstanceProcess instance = new(name, new Process { StartInfo = start });
        instance._process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(Leads, StringComparison.Ordinal) == true)
            {
                led(instance);
            }
            else if (line.Data?.Contains(Failed, StringComparison.Ordinal) == true)
            {
                failed($"{name}: {line.Data}");
            }
        };
        instance._process.Start();
        instance._process.BeginOutputReadLine();
        return instance;
    }

    /// <summary>As a crash does: no release, no farewell.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to stop in good order.</summary>
    public void Stop() => _process.StandardInput.Close();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
