package io.signaldb.common.catalog;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tenant with its datasets.
 *
 * @param defaultDataset id of the dataset used when a request names none
 */
public record Tenant(
    String id, String slug, @Nullable String defaultDataset, List<Dataset> datasets) {
  public Tenant {
    datasets = List.copyOf(datasets);
  }

  /**
   * A dataset of a tenant.
   *
   * @param id unique within the tenant; the name in the database
   * @param isDefault whether it is used when neither request nor tenant names one
   */
  public record Dataset(String id, String slug, boolean isDefault) {}

  public Optional<Dataset> findDataset(String datasetId) {
    return datasets.stream().filter(dataset -> dataset.id().equals(datasetId)).findFirst();
  }
}
