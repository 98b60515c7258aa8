using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Posthouse.AspNetCore.Dashboard.Guard;

/// <summary>
/// Forms carry a proof that this server gave them to this browser. ASP.NET's antiforgery makes and checks it, in a container of its own: an
/// application's settings stay its own, and the keys live in memory, so that none lies on a disk. After a restart an open form is asked for anew.
/// </summary>
internal sealed class Forms
{
    /// <summary>The hidden field of the proof.</summary>
    public const string Field = "form-proof";

    private readonly IAntiforgery _antiforgery;

    public Forms(DashboardOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = options.CookieName + "-form";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
            antiforgery.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            antiforgery.FormFieldName = Field;
            antiforgery.HeaderName = null;
            // The page's own policy forbids frames.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        _antiforgery = services.BuildServiceProvider().GetRequiredService<IAntiforgery>();
    }

    /// <summary>A proof for a form in the answer to this request.</summary>
    public string Proof(HttpContext context) => _antiforgery.GetAndStoreTokens(context).RequestToken!;

    /// <summary>Whether the form that was sent carries one.</summary>
    public Task<bool> AreOursAsync(HttpContext context) => _antiforgery.IsRequestValidAsync(context);
}
