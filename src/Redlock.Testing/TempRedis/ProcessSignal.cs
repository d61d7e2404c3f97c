using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Redlock.Fast.Testing;

/// <summary>The signals that .NET itself has no call for.</summary>
internal static class ProcessSignal
{
    private const int Continue = 18;
    private const int Stop = 19;
    private const int ContinueOnDarwin = 19;
    private const int StopOnDarwin = 17;

    public static void SendStop(int processId) => Send(processId, OperatingSystem.IsMacOS() ? StopOnDarwin : Stop);

    public static void SendContinue(int processId) => Send(processId, OperatingSystem.IsMacOS() ? ContinueOnDarwin : Continue);

    private static void Send(int processId, int signal)
    {
        if (NativeKill(processId, signal) != 0)
        {
            string reason = new Win32Exception(Marshal.GetLastPInvokeError()).Message;
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {processId}: {reason}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int processId, int signal);
}
