using System.Net.Security;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace EventStreams.Bus;

/// <summary>
/// The callbacks that an app has set on its configuration, as <c>CertificateValidation</c>, <c>TrustIssuer</c> and
/// <c>SetUserPemCertificate</c> do. They are events there, which only the client library itself can read; a subscribing connection must
/// decide as that library's connections do.
/// </summary>
internal static class CertificateCallbacks
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateValidationCallback")]
    public static extern RemoteCertificateValidationCallback? ValidationOf(ConfigurationOptions configuration);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CertificateSelectionCallback")]
    public static extern LocalCertificateSelectionCallback? SelectionOf(ConfigurationOptions configuration);
}
