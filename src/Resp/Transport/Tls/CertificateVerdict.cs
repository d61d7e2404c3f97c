using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Redlock.Fast.Resp;

// One handshake's judgement of the node's certificate: the system judges, this keeps the reason in words.
internal sealed class CertificateVerdict(string targetHost)
{
    // A certificate may list hundreds of names; a few show what is wrong.
    private const int MostNamesShown = 5;

    /// <summary>Why the certificate was refused; null until it is.</summary>
    public string? Problem { get; private set; }

    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        StringBuilder text = new();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) || certificate is null)
        {
            text.Append("the node showed no certificate");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
        {
            AppendChain(text, chain);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) && certificate is X509Certificate2 leaf)
        {
            AppendNames(text, leaf);
        }

        Problem = text.Length == 0 ? errors.ToString() : text.ToString();
        return false;
    }

    private static void AppendChain(StringBuilder text, X509Chain chain)
    {
        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                AppendStatus(text, status, element.Certificate);
            }
        }

        // An incomplete chain may be known of the whole only.
        if (text.Length == 0)
        {
            foreach (X509ChainStatus status in chain.ChainStatus)
            {
                AppendStatus(text, status, chain.ChainElements.Count == 0 ? null : chain.ChainElements[^1].Certificate);
            }
        }
    }

    private static void AppendStatus(StringBuilder text, X509ChainStatus status, X509Certificate2? certificate)
    {
        string subject = certificate is null ? "" : PrintableText.OfName(certificate.Subject);
        Separate(text);
        switch (status.Status)
        {
            case X509ChainStatusFlags.NotTimeValid when certificate is not null:
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"the certificate '{subject}' has expired or is not valid yet: it is valid from "
                        + $"{certificate.NotBefore.ToUniversalTime():u}");
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" to {certificate.NotAfter.ToUniversalTime():u}; renew it, or check this machine's clock");
                break;
            case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                string issuer = certificate is null ? "" : PrintableText.OfName(certificate.Issuer);
                text.Append(
                    CultureInfo.InvariantCulture, $"the certificate '{subject}' leads to no trusted root (its issuer is '{issuer}')");
                text.Append("; add the root to the certificate authorities");
                break;
            case X509ChainStatusFlags.NotSignatureValid when certificate is not null:
                text.Append(CultureInfo.InvariantCulture, $"the certificate '{subject}' is not signed by the trusted ");
                text.Append(CultureInfo.InvariantCulture, $"'{PrintableText.OfName(certificate.Issuer)}', but by another of that name");
                break;
            case X509ChainStatusFlags.Revoked:
                text.Append(CultureInfo.InvariantCulture, $"the certificate '{subject}' is revoked");
                break;
            case X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation:
                text.Append(CultureInfo.InvariantCulture, $"whether the certificate '{subject}' is revoked could not be learnt");
                text.Append("; see the revocation mode");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"the certificate '{subject}' was refused ({status.Status})");
                break;
        }
    }

    private void AppendNames(StringBuilder text, X509Certificate2 certificate)
    {
        Separate(text);
        text.Append(CultureInfo.InvariantCulture, $"the certificate is not for the host name '{PrintableText.OfName(targetHost)}'");
        int shown = 0;
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension names)
            {
                continue;
            }

            foreach (string name in names.EnumerateDnsNames())
            {
                AppendName(text, name, ref shown);
            }

            foreach (IPAddress address in names.EnumerateIPAddresses())
            {
                AppendName(text, address.ToString(), ref shown);
            }
        }

        text.Append(shown == 0 ? ", and names none" : "; set the target host to a name it has");
    }

    private static void AppendName(StringBuilder text, string name, ref int shown)
    {
        if (shown < MostNamesShown)
        {
            text.Append(shown == 0 ? ", but for '" : ", '").Append(PrintableText.OfName(name)).Append('\'');
        }
        else if (shown == MostNamesShown)
        {
            text.Append(", and more");
        }

        shown++;
    }

    private static void Separate(StringBuilder text)
    {
        if (text.Length != 0)
        {
            text.Append("; ");
        }
    }
}
